"""The search language: what each form of a query finds, and how much work it is."""

import pytest

from core.models.metadata.search import MAX_QUERY, Field, Term, fold, matches, parse
from tests.core.models.metadata.library import FILES, many

EVERYTHING = ["ink_v10", "sky", "dream_v9"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", EVERYTHING),
        ("   ", EVERYTHING),
        ("-", EVERYTHING),
        ('"', EVERYTHING),
        ("ink", ["ink_v10", "sky"]),
        ("INK  wash", ["ink_v10"]),
        ("wash ink", ["ink_v10"]),
        ('"wash ink"', []),
        ('"ink  WASH"', ["ink_v10"]),
        ('"ink wa', ["ink_v10"]),
        ("cafe", ["ink_v10"]),
        ("CAFÉ linework", ["ink_v10"]),
        ("cafe\u0301", ["ink_v10"]),
        ("-ink", ["dream_v9"]),
        ('ink -"ink pen"', ["ink_v10"]),
        ("--ink", EVERYTHING),
        ("name:ink", ["ink_v10"]),
        ("name:dream_v9", ["dream_v9"]),
        ('name:"dream 9"', ["dream_v9"]),
        ("NAME:Ink", ["ink_v10"]),
        ("tag:style", ["ink_v10", "sky"]),
        ("tag:style tag:ink", ["ink_v10"]),
        ("-tag:ink", ["sky", "dream_v9"]),
        ("-tag:", ["dream_v9"]),
        ("tag:", ["ink_v10", "sky"]),
        ("kind:lora", ["ink_v10", "sky"]),
        ("kind:checkpoint", ["dream_v9"]),
        ("kind:stable-diffusion", ["dream_v9"]),
        ("family:sdxl", ["ink_v10", "dream_v9"]),
        ('family:"sd 1"', ["sky"]),
        ("base:illustrious", ["ink_v10"]),
        ("word:wash", ["ink_v10"]),
        ("owner:bob", ["sky"]),
        ("-owner:bob kind:lora", ["ink_v10"]),
        ("note:covers", ["ink_v10"]),
        ("hash:0BADCAFE", ["dream_v9"]),
        ("hash:abab", ["ink_v10"]),
        ("hash:0x" + "ab" * 32, ["ink_v10"]),
        ("hash:0123456789ab", ["ink_v10"]),
        ("hash:", ["ink_v10", "dream_v9"]),
        ("0badcafe", ["dream_v9"]),
        ("cdcdcdcdcd", ["dream_v9"]),
        ("cdcd", []),
        ("painter", ["ink_v10"]),
        ("colour:red", []),
        ("ink:", []),
        ("name:ink:", []),
    ],
)
def test_a_query_finds(query: str, names: list[str]) -> None:
    found = [file.name.removesuffix(".safetensors") for file in filter(matches(query), FILES)]
    assert found == names


def test_a_query_is_read_while_it_is_typed() -> None:
    query = 'Élan -tag:"old stuff" owner:bob -x http://a.b -"y'
    assert parse(query) == (
        Term(text="elan"),
        Term(text="old stuff", field=Field.TAG, is_left_out=True),
        Term(text="bob", field=Field.OWNER),
        Term(text="x", is_left_out=True),
        Term(text="http://a.b"),
        Term(text="y", is_left_out=True),
    )
    assert all(isinstance(parse(query[:end]), tuple) for end in range(len(query)))


def test_a_long_query_is_cut() -> None:
    assert parse("x" * 10_000) == (Term(text="x" * MAX_QUERY),)


def test_each_text_is_folded_once() -> None:
    """What a query costs after the first: comparisons, and no text prepared again."""
    files = many(1000)
    assert not any(map(matches("nowhere"), files))
    before = fold.cache_info()
    assert not any(map(matches("nothing"), files))
    after = fold.cache_info()
    assert after.misses - before.misses == 1  # the query's own word
    assert after.hits - before.hits <= 25 * len(files)
