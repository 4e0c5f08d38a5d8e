"""The components' scripts: how they are served, and what each module may not do."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page

from tests.support.helpers import ROOT
from tests.ui.components.module_page import FOLDER, url_of
from ui.components import _LOADER, _style
from ui.components.script_files import script_url

pytestmark = pytest.mark.browser

SERVED = sorted(FOLDER.rglob("*.js"))
MODULES = [file for file in SERVED if file.parent.name != "vendor"]
COMPONENTS = sorted(file.parent for file in FOLDER.rglob("index.js"))


def named(file: Path) -> str:
    return file.relative_to(FOLDER).as_posix()


@pytest.fixture(scope="package")
def client(modules_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=modules_url, trust_env=False) as opened:
        yield opened


@pytest.mark.parametrize("file", SERVED, ids=named)
def test_a_module_is_served_and_kept(client: httpx.Client, file: Path) -> None:
    answer = client.get(url_of(file))
    assert answer.content == file.read_bytes()
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    "address",
    [
        "/api/components/0123456789abcdef/gallery/index.js",
        script_url("gallery/style.css"),
        script_url("gallery"),
        script_url("no/index.js"),
        script_url("%2e%2e/routes.py"),
        script_url("gallery/..%2fgallery/index.js"),
    ],
)
def test_another_version_and_another_file_are_not_there(client: httpx.Client, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.headers["cache-control"]) == (404, "no-store")


@pytest.mark.parametrize("is_changed", [False, True])
def test_the_address_changes_with_the_files_and_with_nothing_else(
    tmp_path: Path, is_changed: bool
) -> None:
    shutil.copytree(FOLDER, tmp_path / "ui" / "components")
    shutil.copytree(ROOT / "ui" / "texts", tmp_path / "ui" / "texts")
    shutil.copy(ROOT / "ui" / "__init__.py", tmp_path / "ui")
    if is_changed:
        with (tmp_path / "ui" / "components" / "jobs" / "viewer" / "index.js").open("a") as script:
            script.write("\n")
    code = "from ui.components.script_files import script_url; print(script_url('index.js'))"
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (said.stdout.strip() != script_url("index.js")) is is_changed


STYLE_COUNTER = "Symbol(\u037c)"
"""Where CodeMirror's style-mod counts the names of its classes, so that two copies share none."""


@pytest.mark.parametrize("file", MODULES, ids=named)
def test_a_module_stands_alone_and_leaves_no_global(empty_page: Page, file: Path) -> None:
    added = empty_page.evaluate(
        """async (url) => {
          const before = new Set(Reflect.ownKeys(globalThis));
          await import(url);
          return Reflect.ownKeys(globalThis).filter((key) => !before.has(key)).map(String);
        }""",
        url_of(file),
    )
    assert set(added) <= {STYLE_COUNTER}


@pytest.mark.parametrize("folder", COMPONENTS, ids=named)
def test_a_component_has_what_streamlit_calls(empty_page: Page, folder: Path) -> None:
    script = "async (url) => typeof (await import(url)).default"
    assert empty_page.evaluate(script, url_of(folder / "index.js")) == "function"
    assert (folder / "style.css").is_file()


def test_a_style_has_what_it_imports_in_it() -> None:
    """It travels with the message, and has no address that a browser could import from."""
    styles = {named(folder): _style(named(folder)) for folder in COMPONENTS}
    assert not [name for name, style in styles.items() if "@import" in style]
    tools = (FOLDER / "jobs" / "viewer" / "tools.css").read_text("utf-8")
    assert {name for name, style in styles.items() if tools in style} == {
        "jobs/compare",
        "jobs/viewer",
    }


CALL_TWICE = """async ([loader, ends]) => {
  const stopped = [];
  const blob = new Blob([loader], { type: "text/javascript" });
  const { default: show } = await import(URL.createObjectURL(blob));
  const call = (data) => show({ data, parentElement: document.body, stopped });
  const calls = await Promise.all([call("first"), call("second")]);
  ends.forEach((index) => calls[index]());
  return stopped;
}"""


@pytest.mark.parametrize(
    ("component", "ends", "stopped"),
    [
        ("({ data, stopped }) => () => stopped.push(data)", [0], []),
        ("({ data, stopped }) => () => stopped.push(data)", [0, 1], ["second"]),
        ("({ data, stopped }) => () => stopped.push(data)", [1], ["second"]),
        ("() => undefined", [0, 1], []),
    ],
)
def test_only_the_last_call_for_a_place_is_ended(
    empty_page: Page, component: str, ends: list[int], stopped: list[str]
) -> None:
    """Streamlit ends a call that a newer one has replaced while the script was on its way."""
    script = f"export default {component};"
    empty_page.route(
        "**/probe.js", lambda route: route.fulfill(body=script, content_type="text/javascript")
    )
    loader = _LOADER.format(url="/probe.js")
    assert empty_page.evaluate(CALL_TWICE, [loader, ends]) == stopped


IMPORTS = re.compile(r"^import\s+\{([^}]*)\}\s*from\s*\"([^\"]+)\";", re.MULTILINE)
EXPORTS = re.compile(r"^export (?:async )?(?:const|class|function\*?) (\w+)", re.MULTILINE)


def imported(file: Path) -> dict[str, Path]:
    """The names that a module imports and the files they come from, but for vendored ones."""
    found = IMPORTS.findall(file.read_text("utf-8"))
    return {
        name.strip(): (file.parent / source).resolve()
        for names, source in found
        if "/vendor/" not in source
        for name in names.split(",")
        if name.strip()
    }


def code_of(file: Path) -> str:
    """Without imports, comments and what stands in quotes."""
    text = IMPORTS.sub("", file.read_text("utf-8"))
    return re.sub(r"//.*|\"[^\"\n]*\"|'[^'\n]*'", "", text)


EXPORTED = {
    name: file.resolve() for file in MODULES for name in EXPORTS.findall(file.read_text("utf-8"))
}


@pytest.mark.parametrize("file", MODULES, ids=named)
def test_what_is_imported_is_used_and_what_is_used_is_imported(file: Path) -> None:
    code, names = code_of(file), imported(file)
    assert {name: EXPORTED.get(name) for name in names} == names
    assert [name for name in names if not re.search(rf"\b{name}\b", code)] == []
    here = set(EXPORTS.findall(file.read_text("utf-8"))) | set(names)
    called = set(re.findall(r"(?<![\w.#])(\w+)\(", code)) - set(re.findall(r"function (\w+)", code))
    methods = set(re.findall(r"^  (\w+)\(.*\{$", code, re.MULTILINE))
    assert (called - methods) & (EXPORTED.keys() - here) == set()


def test_nothing_is_exported_for_nobody() -> None:
    tests = "".join(file.read_text("utf-8") for file in (ROOT / "tests/ui").rglob("*.py"))
    used = {name for file in MODULES for name in imported(file)}
    assert [name for name in EXPORTED if name not in used and name not in tests] == []
