"""Prompts that change over the steps, and AND: A1111's examples, and its rules for errors."""

import math

import pytest

from formats.limits import MAX_BRACKET_DEPTH, MAX_STEPS
from formats.prompt_bounds import check_syntax, split_and
from sagemaker_container.engine.prompt.schedule import prompt_schedule
from sagemaker_container.engine.prompt.syntax import parse_emphasis

STEPS = 10
ALTERNATING = [(step, "a" if step % 2 else "(b:1.1)") for step in range(1, STEPS + 1)]
LANDSCAPE = (
    "fantasy landscape with a [mountain:lake:0.25] and [an oak:a christmas tree:0.75]"
    "[ in foreground::0.6][ in background:0.25] [shoddy:masterful:0.5]"
)


@pytest.mark.parametrize(
    ("prompt", "schedule"),
    [
        ("test", [(10, "test")]),
        ("a [b:3]", [(3, "a "), (10, "a b")]),
        ("a [b: 3]", [(3, "a "), (10, "a b")]),
        ("a [[[b]]:2]", [(2, "a "), (10, "a [[b]]")]),
        ("[(a:2):3]", [(3, ""), (10, "(a:2)")]),
        ("a [b : c : 1] d", [(1, "a b  d"), (10, "a  c  d")]),
        ("a[b:[c:d:2]:1]e", [(1, "abe"), (2, "ace"), (10, "ade")]),
        ("a [unbalanced", [(10, "a [unbalanced")]),
        ("a [b:.5] c", [(5, "a  c"), (10, "a b c")]),
        ("((a][:b:c [d:3]", [(3, "((a][:b:c "), (10, "((a][:b:c d")]),
        ("[a|(b:1.1)]", ALTERNATING),
        ("[fe|]male", [(i, "female" if i % 2 else "male") for i in range(1, 11)]),
        ("[fe|||]male", [(i, "female" if i % 4 == 1 else "male") for i in range(1, 11)]),
    ],
)
def test_the_examples_of_a1111(prompt: str, schedule: list[tuple[int, str]]) -> None:
    """The doctests of its modules/prompt_parser.py."""
    assert prompt_schedule(prompt, STEPS) == schedule


def test_the_landscape_of_a1111() -> None:
    assert [
        (end, text.removeprefix("fantasy landscape with a "))
        for end, text in prompt_schedule(LANDSCAPE, 100)
    ] == [
        (25, "mountain and an oak in foreground shoddy"),
        (50, "lake and an oak in foreground in background shoddy"),
        (60, "lake and an oak in foreground in background masterful"),
        (75, "lake and an oak in background masterful"),
        (100, "lake and a christmas tree in background masterful"),
    ]


@pytest.mark.parametrize(
    ("prompt", "schedule"),
    [
        ("a [b:.5] c", [(10, "a b c")]),
        ("a [b:1.5] c", [(5, "a  c"), (10, "a b c")]),
        ("[a:b:14]", [(4, "a"), (10, "b")]),
    ],
)
def test_a_second_pass_has_changes_of_its_own(prompt: str, schedule: list[tuple[int, str]]) -> None:
    assert prompt_schedule(prompt, STEPS, first_pass_steps=10) == schedule


@pytest.mark.parametrize(
    ("prompt", "schedule"),
    [
        ("[a::0.5]", [(5, "a"), (10, "")]),
        ("[:b:0.5]", [(5, ""), (10, "b")]),
        ("[a:b:99]", [(10, "a")]),
        ("[a:b:-1]", [(10, "b")]),
        ("[a:b:1e99]", [(10, "a")]),
        (r"\[a:b:0.5\]", [(10, r"\[a:b:0.5\]")]),
        ("[a:b:c:3]", [(10, "[a:b:c:3]")]),
        ("a|b [c:d:3]", [(10, "a|b [c:d:3]")]),
        ("[a|b:3]", [(10, "[a|b:3]")]),
        ("a\\", [(10, "a\\")]),
        ("", [(10, "")]),
        (
            "[[x:y:2]|z]",
            [(1, "x"), (2, "z"), (3, "y"), *[(i, "yz"[i % 2 == 0]) for i in range(4, 11)]],
        ),
    ],
)
def test_errors_and_edge_cases(prompt: str, schedule: list[tuple[int, str]]) -> None:
    """As A1111's grammar reads them; both were compared on 30,000 random prompts."""
    assert prompt_schedule(prompt, STEPS) == schedule


@pytest.mark.parametrize("prompt", ["[" * 8192, "[a:" * 2730, "[a:1" * 1000 + "]" * 1000])
def test_unclosed_brackets(prompt: str) -> None:
    assert prompt_schedule(prompt, STEPS) == [(10, prompt)]


@pytest.mark.parametrize(
    ("prompt", "parts"),
    [
        ("a dog", [("a dog", 1)]),
        ("at 12:30", [("at 12:30", 1)]),
        ("a dog AND a cat", [("a dog", 1), (" a cat", 1)]),
        ("a dog :1.2 AND a cat: .5", [("a dog", 1.2), (" a cat", 0.5)]),
        ("a AND b:-1 AND (c:1.3)", [("a", 1), (" b", -1), (" (c:1.3)", 1)]),
        ("SAND and BAND", [("SAND and BAND", 1)]),
        ("a AND ", [("a", 1), ("", 1)]),
    ],
)
def test_and(prompt: str, parts: list[tuple[str, float]]) -> None:
    assert split_and(prompt) == parts


@pytest.mark.parametrize(
    ("around", "brackets"),
    [
        ("({}:1.1)", 1),
        ("(({}))", 2),
        ("[{}:x:3]", 1),
        ("[x:{}:3]", 1),
        ("[{}|x]", 1),
        ("[({}):3]", 2),
    ],
)
def test_the_deepest_prompt_of_a_request(around: str, brackets: int) -> None:
    """What `formats` lets through is parsed at every step, and weighs something finite."""
    prompt = "a"
    for _ in range(MAX_BRACKET_DEPTH // brackets):
        prompt = around.format(prompt)
    texts = [text for _, text in prompt_schedule(check_syntax(prompt), MAX_STEPS)]
    words = [word for text in texts for section in parse_emphasis(text) for word in section]
    assert words
    assert all(math.isfinite(word.weight) for word in words)
