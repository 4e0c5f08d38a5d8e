"""What the prompt box offers while somebody types."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.ui.components.module_page import url_of
from tests.ui.components.prompt_editor.conftest import EDITOR, Call
from ui.texts.form.prompt_box import TEXTS

pytestmark = pytest.mark.browser

DATA = {
    "loras": [
        {"name": "tiny-style", "title": "Noisy", "weight": "0.8"},
        {"name": "stylish", "title": "stylish", "weight": "1"},
    ],
    "known": {"embeddings": ["EasyNegative"], "wildcards": ["animals", "warm/colours"]},
    "styles": ["Oil painting"],
    "texts": TEXTS,
}
TAGS = """\
long_hair\t4350000\t,longhair,long_locks\t
hair_ornament\t1200000\t\t
saber_(fate)\t52000\t,artoria\t
^_^\t9000\t\t
best_quality\t1000\t,bq\tBest Quality
long_skirt\t800\t\t
"""
FIND = """async ([offersUrl, tagsUrl, before, data, tags, asked]) => {
  const { findOffers } = await import(offersUrl);
  const { TagList } = await import(tagsUrl);
  return findOffers(before, data, new TagList(tags), asked);
}"""


@pytest.mark.parametrize(
    ("typed", "length", "inserts"),
    [
        ("a dog <", 1, ["<lora:tiny-style:0.8>", "<lora:stylish:1>"]),
        ("<lor", 4, ["<lora:tiny-style:0.8>", "<lora:stylish:1>"]),
        ("<lora:sty", 9, ["<lora:stylish:1>", "<lora:tiny-style:0.8>"]),
        ("<lora:noi", 9, ["<lora:tiny-style:0.8>"]),
        ("<lora:zz", 8, []),
        ("a __", 2, ["__animals__", "__warm/colours__"]),
        ("__col", 5, ["__warm/colours__"]),
        ("noisy", 5, ["<lora:tiny-style:0.8>"]),
        ("(easy", 4, ["EasyNegative"]),
        ("oil", 3, [""]),
        ("a girl, long", 4, ["long hair", "long skirt"]),
        ("a girl, long h", 6, ["long hair"]),
        ("a girl with long h", 6, ["long hair"]),
        ("a girl with long", 4, ["long hair", "long skirt"]),
        ("hair", 4, ["hair ornament", "long hair"]),
        ("saber", 5, ["saber \\(fate\\)"]),
        ("artor", 5, ["saber \\(fate\\)"]),
        ("^_", 2, ["^_^"]),
        ("best", 4, ["Best Quality"]),
        ("52", 2, []),
    ],
)
def test_offers(editor_modules: Page, typed: str, length: int, inserts: list[str]) -> None:
    found = find(editor_modules, typed)
    assert (found["length"], [each["insert"] for each in found["options"]]) == (length, inserts)


def test_one_letter_is_offered_nothing_unless_it_is_asked_for(editor_modules: Page) -> None:
    assert find(editor_modules, "a, l") is None
    assert find(editor_modules, "a, l", asked=True)["options"]
    assert find(editor_modules, "", asked=True) is None


def test_an_alias_is_told_and_a_count_is_short(editor_modules: Page) -> None:
    first = find(editor_modules, "artor")["options"][0]
    assert (first["label"], first["detail"]) == ("artoria → saber_(fate)", "Tag · 52K")


def find(page: Page, typed: str, *, asked: bool = False) -> Any:
    urls = [url_of(EDITOR / "completion" / name) for name in ("offers.js", "tags.js")]
    return page.evaluate(FIND, [*urls, typed, DATA, TAGS, asked])


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("long_hair", "long hair"),
        ("saber_(fate)", "saber \\(fate\\)"),
        ("a[b]", "a\\[b\\]"),
        ("o_o", "o_o"),
        (":3", ":3"),
    ],
)
def test_a_tag_as_a_prompt_writes_it(call: Call, name: str, written: str) -> None:
    assert call("completion/tags.js", "asWritten", name) == written
