"""Other people's words come onto a page as they were written: no link, icon, image or heading."""

import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.support.helpers import ROOT, free_port, wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HOSTILE = (
    ":material/delete: :material_delete:",
    ":streamlit:",
    ":smile: :+1: :-1: :100: a:dog:b",
    "https://evil.example/x?a=b&c=d",
    "http://evil.example WWW.evil.example www.evil.example",
    "mailto:ann@evil.example ann@evil.example",
    "<https://evil.example> [here](https://evil.example)",
    "![x](https://evil.example/x.png)",
    ":red[alarm] :blue-badge[b] :color[x]{foreground='red'}",
    "# heading",
    "heading\n===",
    "heading\n---",
    "- item\n+ item\n* item\n1. item\n1) item",
    "> quote",
    "***bold*** __bold__ ~~gone~~ `code`",
    "```\ncode\n```",
    "$x^2$ $$y$$ \\(z\\)",
    "| a | b |\n|---|---|\n| c | d |",
    "<b>bold</b><img src=x onerror=alert(1)><script>alert(1)</script>",
    "&lt;b&gt; &amp; &#42;",
    "a -> b <- c <-> d -- e >= f <= g ~= h",
    "[^1]\n\n[^1]: note",
    "[x]: https://evil.example",
    "\\*plain\\*",
    "(masterpiece:1.2), [dog|cat], <lora:style:0.8>",
)
SCRIPT = f"""
import streamlit as st
from ui.texts.formatting import escape
for number, text in enumerate({HOSTILE!r}):
    with st.container(key=f"shown-{{number}}"):
        st.markdown(escape(text))
        st.error(escape(text))
st.write("all shown")
"""
FORBIDDEN = (
    "a,img,b,del,code,pre,h1,h2,h3,h4,h5,h6,li,blockquote,table,script,hr,sup,.katex,"
    "span[role=img]:not([data-testid]),.stMarkdownColoredText,.stMarkdownBadge"
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page of Streamlit's that shows them all."""
    script, port = tmp_path_factory.mktemp("hostile") / "shown.py", free_port()
    script.write_text(SCRIPT, "utf-8")
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    process = subprocess.Popen([*command, "--server.headless", "true"], cwd=ROOT)
    url = f"http://127.0.0.1:{port}"
    wait_for(lambda: _is_up(url))
    yield url
    process.terminate()
    process.wait(60)


def _is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/_stcore/health", trust_env=False).is_success
    except httpx.TransportError:
        return False


def test_they_are_shown_as_written(address: str, new_page: NewPage) -> None:
    page = new_page()
    page.goto(address)
    expect(page.get_by_text("all shown")).to_be_visible()
    wrong = {}
    for number, text in enumerate(HOSTILE):
        shown = page.locator(f".st-key-shown-{number} [data-testid=stMarkdownContainer]")
        expect(shown).to_have_count(2)
        for place in range(2):
            seen = " ".join(shown.nth(place).inner_text().replace("\N{WORD JOINER}", "").split())
            if seen != " ".join(text.split()):
                wrong[text] = seen
        if found := shown.locator(FORBIDDEN).evaluate_all("all => all.map(e => e.outerHTML)"):
            wrong[text] = str(found)
    assert wrong == {}
