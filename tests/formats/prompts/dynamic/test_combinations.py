"""Golden table of the syntax: every combination of a prompt, or what is wrong with it and where.

Written from the rules of sd-dynamic-prompts (its SYNTAX.md) and of the library dynamicprompts 0.31.
"""

import pytest

from formats.prompts.dynamic.collection import WildcardCollection, WildcardValue
from formats.prompts.dynamic.prompt_pair import PromptError, PromptPair, is_dynamic
from formats.prompts.styles_csv import Prompts

FILES = {
    "colors": ["red", "blue"],
    "animals/birds": ["crow", "{black|white} swan"],
    "animals/cats": ["tiger"],
    "animals/wild/dogs": ["wolf"],
    "of variables": ["${who} runs"],
    "empty": [],
    "a": ["__b__"],
    "b": ["x", "__a__"],
    "self": ["{x|__self__}"],
    "broken": ["fine", "{x|y"],
    "comment": ["x # why\ny"],
}


def collection(files: dict[str, list[str]] = FILES) -> WildcardCollection:
    return WildcardCollection(
        {name: [WildcardValue(text=text) for text in texts] for name, texts in files.items()}
    )


def combinations(prompt: str, most: int = 40) -> list[str]:
    pair = PromptPair(Prompts(prompt, ""), collection())
    return [pair.combination(number).prompt for number in range(min(most, pair.count))]


ROWS = [
    # Choices
    ("a cat", ["a cat"]),
    ("{a|b}", ["a", "b"]),
    ("x {a|b} y", ["x a y", "x b y"]),
    ("{a|b} {c|d}", ["a c", "a d", "b c", "b d"]),
    ("{ a | b }", ["a", "b"]),
    ("{red |dark  red }hair", ["red hair", "dark  red hair"]),
    ("{a|}", ["a", ""]),
    ("x{|y}", ["x", "xy"]),
    ("{}", [""]),
    ("{a}", ["a"]),
    ("{a|a|b}", ["a", "b"]),
    ("{a{b|c}|d}", ["ab", "ac", "d"]),
    ("{{a|b}|{c|d}}", ["a", "b", "c", "d"]),
    ("{a\nb|c}", ["a\nb", "c"]),
    # Weights
    ("{0.5::a|b}", ["a", "b"]),
    ("{.5::a|2::b|3.::c}", ["a", "b", "c"]),
    ("{0::a|b}", ["b"]),
    ("{1::|b}", ["", "b"]),
    ("{a::b|c}", ["a::b", "c"]),
    ("{1:2|c}", ["1:2", "c"]),
    # Several of them
    ("{2$$a|b|c}", ["a,b", "a,c", "b,a", "b,c", "c,a", "c,b"]),
    ("{2$$ and $$a|b|c}", ["a and b", "a and c", "b and a", "b and c", "c and a", "c and b"]),
    ("{1-2$$a|b}", ["a", "b", "a,b", "b,a"]),
    ("{2-1$$a|b}", ["a", "b", "a,b", "b,a"]),
    ("{0-1$$a|b}", ["", "a", "b"]),
    ("{-2$$a|b}", ["a", "b", "a,b", "b,a"]),
    ("{2-$$a|b}", ["a,b", "b,a"]),
    ("{0$$a|b}", [""]),
    ("{5$$ $$a|b}", ["a b", "b a"]),
    ("{2$$|$$a|b}", ["a|b", "b|a"]),
    ("{2$$, $$a, b|c}", ["a, b, c", "c, a, b"]),
    ("{2$$a|{b|c}}", ["a,b", "a,c", "b,a", "c,a"]),
    ("{ 2$$a|b}", ["a,b", "b,a"]),
    ("{2$$a|a}", ["a"]),
    ("{2 $$a|b}", ["2 $$a", "b"]),
    ("{2$$__colors__}", ["red,blue", "blue,red"]),
    # Wildcards
    ("a __colors__ cat", ["a red cat", "a blue cat"]),
    ("__COLORS__", ["red", "blue"]),
    ("__animals/birds__", ["crow", "black swan", "white swan"]),
    ("__animals/*__", ["crow", "black swan", "white swan", "tiger"]),
    ("__animals/**__", ["crow", "black swan", "white swan", "tiger", "wolf"]),
    ("__**/dogs__", ["wolf"]),
    ("__dogs__", ["wolf"]),
    ("__animals/?ats__", ["tiger"]),
    ("{__colors__|green}", ["red", "blue", "green"]),
    ("<lora:my__file:1>", ["<lora:my__file:1>"]),
    ("<lora:my__lo__ra:1> {a|b}", ["<lora:my__lo__ra:1> a", "<lora:my__lo__ra:1> b"]),
    ("<lora:__colors__:1>", ["<lora:red:1>", "<lora:blue:1>"]),
    ("____ {a}", ["____ a"]),
    ("a__b {a}", ["a__b a"]),
    ("__comment__", ["x \ny"]),
    # Variables
    ("${v={a|b}}${v} ${v}", ["a a", "a b", "b a", "b b"]),
    ("${v=!{a|b}}${v} ${v}", ["a a", "b b"]),
    ("${v=!__colors__}${v} on ${v}", ["red on red", "blue on blue"]),
    ("${ v = x }[${v}]", ["[x ]"]),
    ("${v:a}", ["a"]),
    ("${v:{a|b}}", ["a", "b"]),
    ("${v=x}${v?=y}${v}", ["x"]),
    ("${v?=y}${v}", ["y"]),
    ("${v=x}${v=${v}y}${v}", ["xy"]),
    ("${v=x}${v}${v=y}${v}", ["xy"]),
    ("${who={he|she}}__of variables__", ["he runs", "she runs"]),
    ("${v=x}{${v}|b}", ["x", "b"]),
    # Comments, and what is no syntax
    ("a # no\nb", ["a \nb"]),
    ("# no\nb {c}", ["b c"]),
    ("{a|# no\nb}", ["a", "b"]),
    ("C# {a}", ["C# a"]),
    ("[a|b] {c}", ["[a|b] c"]),
    ("(a:1.2) } {c}", ["(a:1.2) } c"]),
    ("50% of $5 {a $6|b}", ["50% of $5 a $6", "50% of $5 b"]),
]

WRONG = [
    ("{a|b", 0, "never closed"),
    ("x {a|{b|c}", 2, "never closed"),
    ("{a # c|b}", 0, "never closed"),
    ("a ${v", 2, "never closed"),
    ("${}", 0, "${name}"),
    ("${v x}", 0, "${name}"),
    ("${v=a|b}", 0, "${name={a|b}}"),
    ("a ${v}", 2, "no value yet"),
    ("${a=${b}}${b=x}${a}", 4, "no value yet"),
    ("a %{b$$c}", 2, "not offered"),
    ("{!a|b}", 1, "not offered"),
    ("__~colors__", 0, "not offered"),
    ("a __colrs__", 2, "the nearest is __colors__"),
    ("__zzzzzz__", 0, "add a file"),
    ("__empty__", 0, "no values"),
    ("{0::a|0::b}", 0, "weight 0"),
    ("__a__", 0, "a → b → a"),
    ("__self__", 3, "own values"),
    ("__broken__", 0, "a value of __broken__"),
    ("__a/b/c/d/e/f/g/h/i__", 0, "8 folders"),
]


@pytest.mark.parametrize(("prompt", "expected"), ROWS)
def test_every_combination(prompt: str, expected: list[str]) -> None:
    assert combinations(prompt) == [text.strip() for text in expected]


@pytest.mark.parametrize(("prompt", "at", "words"), WRONG)
def test_what_is_wrong_is_told_with_its_place(prompt: str, at: int, words: str) -> None:
    with pytest.raises(PromptError, match=r"character \d+") as error:
        combinations(prompt)
    assert (error.value.at, error.value.field) == (at, "prompt")
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("{a|b|c} {1-2$$a|b|c}", 27),
        ("{3$$a|b|c|d}", 24),
        ("{2$${a|b}|{c|d|e}|f}", 22),
        ("__animals/**__ __colors__", 10),
        ("${v=!{a|b}}${v}{${v}|c}", 4),
        ("{a|b}" * 40, 10**9),
        ("{13$$a|b|c|d|e|f|g|h|i|j|k|l|m}", 10**9),
    ],
)
def test_combinations_are_counted(prompt: str, expected: int) -> None:
    assert PromptPair(Prompts(prompt, ""), collection()).count == expected


@pytest.mark.parametrize("prompt", ["{a|b|c} {1-2$$a|b|c}", "{2$${a|b}|{c|d|e}|f} __colors__"])
def test_each_combination_comes_once(prompt: str) -> None:
    pair = PromptPair(Prompts(prompt, ""), collection())
    assert len({pair.combination(number).prompt for number in range(pair.count)}) == pair.count


def test_the_negative_prompt_has_combinations_of_its_own() -> None:
    pair = PromptPair(Prompts("{a|b}", "x {c|d}"), collection())
    found = [pair.combination(number) for number in range(pair.count)]
    assert found == [("a", "x c"), ("a", "x d"), ("b", "x c"), ("b", "x d")]
    with pytest.raises(PromptError) as error:
        PromptPair(Prompts("{a|b}", "x {c"), collection())
    assert (error.value.field, error.value.at) == ("negative_prompt", 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a cat, (b:1.2), [c|d], <lora:my__own:1>", False),
        ("#1 # of them", True),
        ("C# and F#", False),
        ("a | b } c $d 5% __ x", False),
        ("{a}", True),
        ("${v}", True),
        ("__x__", True),
    ],
)
def test_plain_prompts_are_no_templates(text: str, expected: bool) -> None:
    assert is_dynamic(Prompts("", text)) is expected
