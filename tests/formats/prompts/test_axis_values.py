"""The values of a grid's axis: A1111's grammar of lists, ranges and counts."""

import pytest

from formats.limits import MAX_AXIS_TEXT
from formats.prompts.axis_values import (
    integer_values,
    prompt_orders,
    real_values,
    replaced,
    text_values,
)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a, b,c", ["a", "b", "c"]),
        ('a, "b, c", d', ["a", "b, c", "d"]),
        ("a,, ,b", ["a", "b"]),
        ("", []),
        ("a\nb, c", ["a", "b", "c"]),
        ('"say ""hi""", b', ['say "hi"', "b"]),
    ],
)
def test_reads_texts_between_commas(text: str, values: list[str]) -> None:
    assert list(text_values(text)) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1, 2, 3", [1, 2, 3]),
        ("1-5", [1, 2, 3, 4, 5]),
        ("1-5 (+2)", [1, 3, 5]),
        ("10-20 (+5), 30", [10, 15, 20, 30]),
        ("10-5 (-3)", [10, 7]),
        ("1-10 [5]", [1, 3, 5, 7, 10]),
        ("1-10[1]", [1]),
        ("0-100 [3]", [0, 50, 100]),
        ("-1", [-1]),
        ("-2-1", [-2, -1, 0, 1]),
        ("5-1", []),
        ("", []),
    ],
)
def test_reads_integers_and_their_ranges(text: str, values: list[int]) -> None:
    assert list(integer_values(text)) == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("7, 7.5", [7.0, 7.5]),
        ("1-3", [1.0, 2.0, 3.0]),
        ("0.2-0.6 (+0.2)", [0.2, 0.4, 0.6]),
        ("0.1-0.3 (+0.1)", [0.1, 0.2, 0.3]),
        ("1-0 (-0.5)", [1.0, 0.5, 0.0]),
        ("0-1 [5]", [0.0, 0.25, 0.5, 0.75, 1.0]),
        ("0.5 - 1.5 (+0.5)", [0.5, 1.0, 1.5]),
    ],
)
def test_reads_real_numbers_and_their_ranges(text: str, values: list[float]) -> None:
    assert list(real_values(text)) == values


@pytest.mark.parametrize("text", ["x", "1.5", "1-5 (+0)", "1-x", "1e3", "1-5 (2)", "nan"])
def test_says_which_value_is_no_integer(text: str) -> None:
    with pytest.raises(ValueError, match="no number or range"):
        integer_values(text)


@pytest.mark.parametrize(
    "text", ["x", "1-5 (+0)", "nan", "inf", "1-2-3", "9" * 400, "1-" + "9" * 400]
)
def test_says_which_value_is_no_real_number(text: str) -> None:
    with pytest.raises(ValueError, match="no number or range"):
        real_values(text)


@pytest.mark.parametrize("text", ["0-999999999", "0-1 [999999999999999]", ",".join("1" * 257)])
def test_refuses_more_values_than_an_axis_may_have(text: str) -> None:
    with pytest.raises(ValueError, match="256 values at most"):
        integer_values(text)
    with pytest.raises(ValueError, match="256 values at most"):
        real_values(text)


def test_refuses_a_text_without_end() -> None:
    with pytest.raises(ValueError, match="too long"):
        text_values("a" * (MAX_AXIS_TEXT + 1))


def test_makes_every_order_of_the_words() -> None:
    assert prompt_orders("a, b, c")[:3] == (("a", "b", "c"), ("a", "c", "b"), ("b", "a", "c"))
    with pytest.raises(ValueError, match="256 values at most"):
        prompt_orders("a,b,c,d,e,f")


def test_replaces_in_both_prompts_or_says_that_it_is_in_neither() -> None:
    assert replaced("a dog, dog", "no dog", "dog", "cat") == ("a cat, cat", "no cat")
    with pytest.raises(ValueError, match="did not find “bird”"):
        replaced("a dog", "", "bird", "cat")
