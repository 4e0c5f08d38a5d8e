"""The prompt matrix: which prompts, and in which order, as A1111 makes them."""

import pytest

from formats.prompts.prompt_matrix import MatrixDelimiter, matrix_prompts


@pytest.mark.parametrize(
    ("prompt", "prompts"),
    [
        ("a dog", ["a dog"]),
        ("", [""]),
        ("city|ink|night", ["city", "city, ink", "city, night", "city, ink, night"]),
        ("city | ink, | , night", ["city", "city, ink", "city, night", "city, ink, night"]),
        ("|ink", ["", "ink"]),
        ("city||night", ["city", "city", "city, night", "city, night"]),
    ],
)
def test_makes_a_prompt_of_each_choice(prompt: str, prompts: list[str]) -> None:
    assert list(matrix_prompts(prompt)) == prompts


def test_puts_the_chosen_parts_first_and_joins_them_by_spaces() -> None:
    prompts = matrix_prompts("city|ink|night", at_start=True, delimiter=MatrixDelimiter.SPACE)
    assert prompts == ("city", "ink city", "night city", "ink night city")


def test_refuses_more_parts_than_anybody_pays_for() -> None:
    assert len(matrix_prompts("a|" + "|".join("bcdefghi"))) == 256
    with pytest.raises(ValueError, match="8 parts are the most"):
        matrix_prompts("a|" + "|".join("bcdefghij"))
