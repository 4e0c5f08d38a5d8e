"""The prompt editor's modules that need no page, called from Python with JSON values."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.ui.components.module_page import FOLDER, url_of
from ui.components.prompt_tables import merges_url

EDITOR = FOLDER / "form" / "prompt_editor"
Call = Callable[..., Any]


@pytest.fixture(scope="package")
def editor_modules(browser: Browser, modules_url: str) -> Iterator[Page]:
    """A page for all of these tests."""
    page = browser.new_page()
    page.goto(modules_url)
    yield page
    page.close()


@pytest.fixture
def call(editor_modules: Page) -> Call:
    """The result of a function of a module: `call("grammar/nearest.js", "nearestName", ...)`."""

    def calling(module: str, name: str, *arguments: Any) -> Any:
        return editor_modules.evaluate(
            "async ([url, name, given]) => (await import(url))[name](...given)",
            [url_of(EDITOR / Path(module)), name, list(arguments)],
        )

    return calling


@pytest.fixture
def count(editor_modules: Page) -> Call:
    """What is counted of a prompt with the merges that the app serves."""
    urls = [url_of(EDITOR / "tokens" / name) for name in ("bpe.js", "chunks.js")]

    def counting(prompt: str, steps: int) -> Any:
        return editor_modules.evaluate(
            """async ([bpe, chunks, table, prompt, steps]) => {
              const { Tokenizer } = await import(bpe);
              const { countTokens } = await import(chunks);
              window.tokenizer ??= new Tokenizer(await (await fetch(table)).text());
              return countTokens(prompt, window.tokenizer, steps);
            }""",
            [*urls, merges_url(), prompt, steps],
        )

    return counting
