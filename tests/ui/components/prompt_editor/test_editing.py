"""Ctrl+Up and Ctrl+Down, Alt+Left and Alt+Right, as A1111 1.10 does them.

The rules are those of its javascript/edit-attention.js and edit-order.js with default settings.
"""

import pytest

from tests.ui.components.prompt_editor.conftest import Call

pytestmark = pytest.mark.browser


def placed(marked: str) -> tuple[str, int, int]:
    """The text and the selection, which stands between `|`; one alone is the caret."""
    before, _, rest = marked.partition("|")
    inside, bar, after = rest.partition("|")
    if not bar:
        inside, after = "", rest
    return before + inside + after, len(before), len(before) + len(inside)


@pytest.mark.parametrize(
    ("before", "is_up", "after"),
    [
        ("a r|ed dog", True, "a (|red|:1.1) dog"),
        ("a r|ed dog", False, "a (|red|:0.9) dog"),
        ("a |red dog|", True, "a (|red dog|:1.1)"),
        ("a |red |dog", True, "a (|red|:1.1) dog"),
        ("(|red|:1.1)", True, "(|red|:1.2)"),
        ("(red|:1.1)", True, "(|red|:1.2)"),
        ("(red:1|.1)", False, "|red|"),
        ("(red dog|:1.9)", True, "(|red dog|:2.0)"),
        ("(red|:0.1)", False, "(|red|:0.0)"),
        ("(red|:0.0)", False, "(|red|:-0.1)"),
        ("(red|:1.25)", True, "(|red|:1.35)"),
        ("(r|ed)", True, "(|red|:1.2)"),
        ("((r|ed))", True, "(|red|:1.3)"),
        ("[r|ed]", True, "|red|"),
        ("[[r|ed]]", False, "(|red|:0.7)"),
        ("<lora:style|:0.8>", True, "<|lora:style|:0.85>"),
        ("<lora:st|yle:1>", False, "<|lora:style|:0.95>"),
        ("<lora:style|:0.95>", True, "<|lora:style|:1.0>"),
        ("red_hair|, blue", True, "(|red_hair|:1.1), blue"),
        ("a, |", True, None),
        ("|", True, None),
        ("(a:x|)", True, "(|a:x|:1.2)"),
    ],
)
def test_a_weight(call: Call, before: str, is_up: bool, after: str | None) -> None:
    found = call("editing/weights.js", "changeWeight", *placed(before), is_up)
    assert (found and (found["text"], found["from"], found["to"])) == (after and placed(after))


@pytest.mark.parametrize(
    ("before", "is_left", "after"),
    [
        ("a, b|, c", True, "| b|,a, c"),
        ("a, b|, c", False, "a, c,| b|"),
        ("a|, b, c", True, None),
        ("a, b, c|", False, None),
        ("a, |b, c|", True, "| b, c|,a"),
        ("|a", True, None),
    ],
)
def test_a_part_changes_places(call: Call, before: str, is_left: bool, after: str | None) -> None:
    found = call("editing/order.js", "moveParts", *placed(before), is_left)
    assert (found and (found["text"], found["from"], found["to"])) == (after and placed(after))
