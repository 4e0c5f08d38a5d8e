"""Random choices are those of the seed for ever; hostile prompts cost a bounded amount of work."""

from collections import Counter

import pytest

from formats.limits import PROMPT_BYTES
from formats.prompts.dynamic.collection import WildcardCollection, WildcardValue, matches
from formats.prompts.dynamic.combinations import Combinations
from formats.prompts.dynamic.evaluation import MAX_STEPS
from formats.prompts.dynamic.parser import parse
from formats.prompts.dynamic.prompt_pair import PromptError, PromptPair
from formats.prompts.styles_csv import Prompts
from tests.formats.prompts.dynamic.test_combinations import collection


def samples(prompt: str, count: int, wildcards: WildcardCollection | None = None) -> list[str]:
    pair = PromptPair(Prompts(prompt, ""), wildcards or collection())
    return [pair.sample(seed).prompt for seed in range(count)]


@pytest.mark.parametrize(
    ("prompt", "seed", "expected"),
    [
        ("{a|b|c|d|e|f|g|h}", 0, "g"),
        ("{a|b|c|d|e|f|g|h}", 1, "b"),
        ("{a|b|c|d|e|f|g|h}", 4294967295, "f"),
        ("{2$$ and $$a|b|c} {5::d|e}", 0, "c and b d"),
        ("{2$$ and $$a|b|c} {5::d|e}", 1, "a and c d"),
        ("{2$$ and $$a|b|c} {5::d|e}", 4294967295, "b and a d"),
        ("__animals/**__ in __colors__", 0, "wolf in blue"),
        ("__animals/**__ in __colors__", 1, "crow in blue"),
        ("__animals/**__ in __colors__", 4294967295, "tiger in red"),
        ("${v=!{a|b|c}}${v} ${v} {1-3$$a|b|c}", 0, "c c b,a,c"),
        ("${v=!{a|b|c}}${v} ${v} {1-3$$a|b|c}", 1, "a a c,a,b"),
        ("${v=!{a|b|c}}${v} ${v} {1-3$$a|b|c}", 4294967295, "b b b"),
    ],
)
def test_a_seed_gives_the_same_text_in_every_version(prompt: str, seed: int, expected: str) -> None:
    assert PromptPair(Prompts(prompt, ""), collection()).sample(seed).prompt == expected


def test_weights_decide_how_often() -> None:
    counts = Counter(samples("{3::a|b|0::c}", 2000))
    assert set(counts) == {"a", "b"}
    assert 1400 < counts["a"] < 1600


def test_a_wildcards_weights_count() -> None:
    values = [WildcardValue(text="a", weight=9), WildcardValue(text="b")]
    counts = Counter(samples("__x__", 1000, WildcardCollection({"x": values})))
    assert 850 < counts["a"] < 950


def test_none_is_chosen_twice() -> None:
    assert all(len(set(text.split("+"))) == 3 for text in samples("{3$$+$$a|b|c|d}", 100))
    assert {len(text.split("+")) for text in samples("{1-3$$+$$a|b|c}", 100)} == {1, 2, 3}


def test_a_variable_is_chosen_once_or_each_time() -> None:
    once = [text.split() for text in samples("${v=!{a|b}}${v} ${v}", 50)]
    each = [text.split() for text in samples("${v={a|b}}${v} ${v}", 50)]
    assert all(first == second for first, second in once)
    assert any(first != second for first, second in each)


DOUBLING = {f"w{n}": [f"__w{n + 1}__ __w{n + 1}__"] for n in range(40)} | {"w40": ["x"]}
MANY = {"many": [f"{n}" for n in range(20_000)]}
EMPTY = {f"w{n}": [f"__w{n + 1}____w{n + 1}__"] for n in range(40)} | {"w40": ["{|}"]}


@pytest.mark.parametrize(
    ("prompt", "files", "words"),
    [
        ("{" * 4000, {}, "nested"),
        ("{a|" * 200 + "}" * 200, {}, "nested"),
        ("${v=" * 200 + "}" * 200, {}, "nested"),
        ("__w0__", DOUBLING, "longer than a prompt"),
        ("__w0__", EMPTY, "too much"),
        (
            "".join(f"${{v{n}={'${v' + str(n - 1) + '}' if n else 'x'}}}" for n in range(99))
            + "${v98}",
            {},
            "nested",
        ),
        ("{20000$$ $$__many__}", MANY, "longer than a prompt|too much"),
        ("__a__", {"a": ["__*__"]}, "own values"),
    ],
)
def test_hostile_prompts_are_refused(prompt: str, files: dict[str, list[str]], words: str) -> None:
    with pytest.raises(PromptError, match=words):
        samples(prompt, 1, collection(files))


@pytest.mark.parametrize(
    ("prompt", "files"),
    [
        ("{100000$$a|b}", {}),
        ("{999999999999999999-99999999999999999999999$$a|b}", {}),
        ("{2$$__many__}", MANY),
        ("{1-20000$$__many__}", MANY),
        ("__many__ " * 20, MANY),
        ("__" * 4000, {}),
        ("__a" * 2000, {"a": ["x"]}),
        ("<" * 4000 + "__", {}),
        ("{a|b}" * 1600, {}),
        ("$" * 4000 + "# " * 2000, {}),
        ("|}" * 4000, {}),
    ],
)
def test_large_counts_cost_bounded_work(prompt: str, files: dict[str, list[str]]) -> None:
    found = Combinations(parse(prompt), collection(files))
    texts = [found.text(number) for number in range(min(20, found.count()))]
    assert texts
    assert all(len(text) <= PROMPT_BYTES for text in texts)
    assert found._walk.steps < MAX_STEPS


def test_a_pattern_of_stars_costs_no_more_than_its_length() -> None:
    assert not matches(["*a" * 40 + "b"], ["a" * 120])
    assert matches(["**"] * 8, ["a"] * 100)
