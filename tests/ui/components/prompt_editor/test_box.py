"""The editor in the place of a text area: what is typed is the area's, and back."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.ui.components.module_page import url_of
from tests.ui.components.prompt_editor.conftest import EDITOR
from ui.components.prompt_tables import merges_url
from ui.texts.form.prompt_box import TEXTS

pytestmark = pytest.mark.browser

AREA = """<div class="st-key-f-prompt"><div class="stTextArea" style="position:relative">
  <label for="area">Prompt</label>
  <div><textarea id="area" aria-label="Prompt" style="height:80px">a dog</textarea></div>
</div></div>"""
SHOW = """async ([url, data]) => {
  window.said = [];
  document.addEventListener("input", ({ target }) => target.id === "area" && said.push("input"));
  document.addEventListener("focusout", ({ target }) => target.id === "area" && said.push("out"));
  window.show = (await import(url)).default;
  window.data = data;
  window.chosen = [];
  show({ data, setTriggerValue: (...told) => chosen.push(told) });
}"""
RECENT = ["the newest", "one before", "the oldest"]


def data(**changes: Any) -> dict[str, Any]:
    values = {
        "form": "f",
        "boxes": {"f-prompt": RECENT},
        "loras": [{"name": "style", "title": "style", "weight": "1"}],
        "known": {"loras": ["style"], "embeddings": [], "wildcards": None},
        "styles": [],
        "steps": 20,
        "merges": merges_url(),
        "tags": "",
        "texts": TEXTS,
    }
    return {**values, **changes}


class Box:
    """The box on a page of its own."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_content(AREA)
        page.evaluate(SHOW, [url_of(EDITOR / "index.js"), data()])

    @property
    def editor(self) -> Locator:
        return self.page.get_by_role("textbox", name="Prompt", exact=True)

    def area(self) -> str:
        return str(self.page.evaluate("document.querySelector('#area').value"))

    def write(self, text: str) -> None:
        """As React does when a run brings another text."""
        script = "(text) => { const a = document.querySelector('#area'); a.value = text;"
        self.page.evaluate(script + " a.defaultValue = text; }", text)

    def said(self) -> list[str]:
        return list(self.page.evaluate("said.splice(0)"))


@pytest.fixture
def box(empty_page: Page) -> Iterator[Box]:
    yield Box(empty_page)
    empty_page.evaluate("document.body.replaceChildren()")


def test_what_is_typed_is_the_areas_and_is_handed_over_when_the_focus_leaves(box: Box) -> None:
    expect(box.editor).to_have_text("a dog")
    expect(box.page.locator("#area")).to_be_hidden()
    box.editor.press("End")
    box.page.keyboard.type("s\nand")
    assert (box.area(), set(box.said())) == ("a dogs\nand", {"input"})
    box.page.keyboard.press("Control+Enter")
    assert (box.area(), box.said()) == ("a dogs\nand", ["out"])
    box.page.keyboard.press("Tab")
    assert box.said() == ["out"]
    expect(box.editor).not_to_be_focused()


def test_what_a_run_writes_is_shown_and_leaves_the_caret(box: Box) -> None:
    box.editor.press("Home")
    box.write("a dog, noisy")
    expect(box.editor).to_have_text("a dog, noisy")
    assert box.said() == []
    box.page.keyboard.type("not ")
    assert box.area() == "not a dog, noisy"


def test_another_area_in_its_place_gets_an_editor_too(box: Box) -> None:
    box.editor.fill("kept by nobody")
    box.page.evaluate("html => { document.body.innerHTML = html }", AREA.replace("a dog", "a cat"))
    expect(box.editor).to_have_text("a cat")
    expect(box.page.locator(".prompt-editor")).to_have_count(1)
    expect(box.page.locator(".prompt-bar")).to_have_count(1)


def test_somebody_who_was_faster_than_the_script_goes_on_typing(empty_page: Page) -> None:
    empty_page.set_content(AREA)
    empty_page.locator("#area").press("End")
    empty_page.keyboard.type(" on")
    empty_page.evaluate(SHOW, [url_of(EDITOR / "index.js"), data()])
    empty_page.keyboard.type(" grass")
    assert empty_page.evaluate("document.querySelector('#area').value") == "a dog on grass"
    empty_page.evaluate("document.body.replaceChildren()")


def test_the_count_follows_and_unknown_names_say_so(box: Box) -> None:
    box.editor.fill("a dog <lora:styel:1>")
    expect(box.page.locator(".prompt-tokens")).to_have_text("2/75")
    marked = box.page.locator(".cm-prompt-unknown")
    expect(marked).to_have_attribute("title", "There is no LoRA “styel”. Did you mean “style”?")
    known = {"loras": ["styel"], "embeddings": [], "wildcards": None}
    box.page.evaluate("data => show({ data })", data(known=known))
    expect(marked).to_have_count(0)


def test_the_prompts_of_before_come_by_keys_and_undo_takes_them_back(box: Box) -> None:
    for key, text in (
        ("Alt+ArrowUp", RECENT[0]),
        ("Alt+ArrowUp", RECENT[1]),
        ("Alt+ArrowDown", RECENT[0]),
        ("Alt+ArrowDown", "a dog"),
        ("Alt+ArrowDown", "a dog"),
        ("Alt+ArrowUp", RECENT[0]),
        ("Control+z", "a dog"),
    ):
        box.editor.press(key)
        expect(box.editor).to_have_text(text)
        assert box.area() == text


def test_the_prompts_of_before_come_by_a_menu(box: Box) -> None:
    button = box.page.get_by_role("button", name="Recent")
    button.click()
    items = box.page.get_by_role("menuitem")
    expect(items).to_have_text(RECENT)
    expect(items.first).to_be_focused()
    box.page.keyboard.press("ArrowUp")
    box.page.keyboard.press("Enter")
    expect(box.editor).to_have_text(RECENT[-1])
    expect(box.editor).to_be_focused()
    button.click()
    box.page.keyboard.press("Escape")
    expect(items).to_have_count(0)
    box.page.evaluate("data => show({ data })", data(boxes={"f-prompt": []}))
    expect(button).to_have_count(0)


def test_an_offer_is_taken_by_tab_and_escape_closes_the_list(box: Box) -> None:
    box.editor.fill("")
    box.page.keyboard.type("<lora:st")
    offers = box.page.get_by_role("listbox")
    expect(offers).to_be_visible()
    box.page.wait_for_timeout(100)  # CodeMirror takes no key in the moment in which a list opens
    box.page.keyboard.press("Tab")
    expect(box.editor).to_have_text("<lora:style:1>")
    box.page.keyboard.type(", sty")
    expect(offers).to_be_visible()
    box.page.keyboard.press("Escape")
    expect(offers).to_have_count(0)
    box.page.keyboard.press("Tab")
    expect(box.editor).not_to_be_focused()
    assert box.area() == "<lora:style:1>, sty"


def test_a_style_is_chosen_and_no_text(box: Box) -> None:
    box.page.evaluate(
        "data => show({ data, setTriggerValue: (...told) => chosen.push(told) })",
        data(styles=["Oil painting"]),
    )
    box.editor.fill("a dog, ")
    box.editor.press("End")
    box.page.keyboard.type("oil")
    expect(box.page.get_by_role("option", name="Oil painting")).to_be_visible()
    box.page.wait_for_timeout(100)
    box.page.keyboard.press("Enter")
    box.page.wait_for_function("chosen.length")
    assert box.page.evaluate("chosen") == [["style", "Oil painting"]]
    assert box.area() == "a dog, "
