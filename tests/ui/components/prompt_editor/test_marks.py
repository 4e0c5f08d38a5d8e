"""What the prompt box marks in a prompt."""

import pytest

from tests.ui.components.prompt_editor.conftest import Call

pytestmark = pytest.mark.browser

KNOWN = {
    "loras": ["style", "tiny-style-lora"],
    "embeddings": ["EasyNegative", "bad-hands-v5"],
    "wildcards": ["animals", "colours/warm"],
}


@pytest.mark.parametrize(
    ("prompt", "marks"),
    [
        ("a dog", []),
        ("(a:1.2) b", [("(", "weight"), (":1.2)", "weight")]),
        ("((a))", [("(", "weight"), ("(", "weight"), (")", "weight"), (")", "weight")]),
        ("[a]", [("[", "weight"), ("]", "weight")]),
        ("\\(a\\)", []),
        ("[a:b:0.5]", [(mark, "schedule") for mark in "[::]"]),
        ("[a|b]", [(mark, "schedule") for mark in "[|]"]),
        ("[a:b]", [("[", "weight"), ("]", "weight")]),
        ("a BREAK b AND c BREAKfast", [("BREAK", "keyword"), ("AND", "keyword")]),
        ("<lora:style:0.8> <lyco:style>", [("<lora:style:0.8>", "lora"), ("<lyco:style>", "lora")]),
        ("<lora:style.safetensors:1>", [("<lora:style.safetensors:1>", "lora")]),
        ("<lora:styl:1>", [("<lora:styl:1>", "unknown unknownLora style")]),
        ("<lora:zzzzz:1>", [("<lora:zzzzz:1>", "unknown unknownLora")]),
        ("<lora:style, a", [("<lora:style", "wrong tornTag")]),
        ("<foo:a>", [("<foo:a>", "unknown noLora")]),
        ("easynegative, dog", [("easynegative", "embedding")]),
        (
            "(bad-hands-v5:1.2)",
            [("(", "weight"), ("bad-hands-v5", "embedding"), (":1.2)", "weight")],
        ),
        ("bad-hand-v5", [("bad-hand-v5", "unknown unknownEmbedding bad-hands-v5")]),
        (
            "__Animals__ __animal__",
            [
                ("__Animals__", "wildcard"),
                ("__animal__", "unknown unknownWildcard animals"),
            ],
        ),
        ("__colours/*__", [("__colours/*__", "wildcard")]),
        ("{2$$a|b}", [("{", "dynamic"), ("2$$", "dynamic"), ("|", "dynamic"), ("}", "dynamic")]),
        ("{a", [("{", "wrong unbalanced")]),
        ("(a", [("(", "wrong unbalanced")]),
        ("a]", [("]", "wrong unbalanced")]),
        ("a:1.2)", [(")", "wrong unbalanced")]),
    ],
)
def test_the_parts_of_a_prompt(call: Call, prompt: str, marks: list[tuple[str, str]]) -> None:
    found = call("grammar/marks.js", "marksOf", prompt, KNOWN)
    told = [
        " ".join(filter(None, (each["kind"], each.get("said"), each.get("near")))) for each in found
    ]
    parts = [prompt[each["from"] : each["to"]] for each in found]
    assert list(zip(parts, told, strict=True)) == marks


def test_a_list_that_is_not_known_marks_nothing(call: Call) -> None:
    known: dict[str, list[str] | None] = {"loras": None, "embeddings": [], "wildcards": None}
    kinds = [each["kind"] for each in call("grammar/marks.js", "marksOf", "<lora:x> __y__", known)]
    assert kinds == ["lora", "wildcard"]


@pytest.mark.parametrize(
    ("word", "nearest"),
    [("styel", "style"), ("Style", "style"), ("sty", ""), ("animals", ""), ("", "")],
)
def test_the_nearest_name(call: Call, word: str, nearest: str) -> None:
    assert call("grammar/nearest.js", "nearestName", word, KNOWN["loras"]) == nearest
