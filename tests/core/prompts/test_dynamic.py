"""What is sent of a dynamic prompt: styles first, then its choices, which the draft tells."""

import pytest

from core.errors import InvalidDraft
from core.jobs.preparing.draft import Draft
from core.prompts.dynamic import MAX_PROMPTS
from core.prompts.service import Prompts
from core.records.interface import RecordStore
from core.team.permissions import Visibility
from formats.generation.parameters import Mode
from formats.limits import MAX_SEED
from tests.core.prompts.conftest import ADA, BOB


@pytest.fixture
def store(sqlite_store: RecordStore) -> RecordStore:
    return sqlite_store


@pytest.fixture(autouse=True)
def colors(prompts: Prompts) -> None:
    prompts.wildcards.save(ADA, "colors", "red\nblue\ngreen\nwhite")


def test_styles_come_first_and_make_the_template(prompts: Prompts) -> None:
    prompts.styles.save(ADA, "Film", "film still of {prompt}, {grain|blur}")
    draft = Draft(prompt="a __colors__ dog", negative_prompt="bad", styles=("Film",))
    prepared = prompts.prepare(BOB, draft.model_copy(update={"wildcard_seed": 3}))
    assert prepared.template == "film still of a __colors__ dog, {grain|blur}"
    assert (prepared.negative_template, prepared.negative_prompt) == ("", "bad")
    assert prepared.wildcard_seed == 3
    assert "__" not in prepared.prompt
    assert "{" not in prepared.prompt


@pytest.mark.parametrize(("seed", "used"), [(-1, 7), (None, 7), (0, 0), (MAX_SEED, MAX_SEED)])
def test_the_seed_that_was_used_makes_the_same_prompt_again(
    prompts: Prompts, seed: int | None, used: int
) -> None:
    draft = Draft(prompt="{a|b|c|d} __colors__", negative_prompt="{x|y}", wildcard_seed=seed)
    first = prompts.prepare(ADA, draft)
    assert first.wildcard_seed == used
    again = draft.model_copy(
        update={"prompt": first.template, "wildcard_seed": first.wildcard_seed}
    )
    assert prompts.prepare(BOB, again) == first


@pytest.mark.parametrize(
    "draft",
    [Draft(prompt="a dog, (b:1.2)"), Draft(prompt="{a|b}", mode=Mode.UPSCALE)],
    ids=["plain", "upscale"],
)
def test_where_nothing_is_chosen_nothing_is_told(prompts: Prompts, draft: Draft) -> None:
    prepared = prompts.prepare(ADA, draft)
    assert (prepared.prompt, prepared.template, prepared.wildcard_seed) == (draft.prompt, "", None)


def test_each_expansion_is_what_its_seed_makes(prompts: Prompts) -> None:
    draft = Draft(prompt="{a|b|c} __colors__", wildcard_seed=MAX_SEED)
    found = prompts.expansions(ADA, draft, every=False, count=20)
    assert [each.wildcard_seed for each in found[:3]] == [MAX_SEED, 0, 1]
    for each in found:
        one = draft.model_copy(update={"wildcard_seed": each.wildcard_seed})
        assert prompts.prepare(ADA, one).prompt == each.prompts.prompt


def test_all_combinations_come_in_their_order(prompts: Prompts) -> None:
    draft = Draft(prompt="{a|b} __colors__")
    assert prompts.combinations(ADA, draft) == 8
    found = prompts.expansions(ADA, draft, every=True, count=MAX_PROMPTS)
    assert [each.prompts.prompt for each in found[:3]] == ["a red", "a blue", "a green"]
    assert len(found) == 8
    one = prompts.prepare(ADA, draft.model_copy(update={"combination": 5}))
    assert (one.prompt, one.wildcard_seed, one.template) == ("b blue", None, "{a|b} __colors__")


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"prompt": "a {b|c"}, "prompt", "character 3"),
        ({"negative_prompt": "__colrs__"}, "negative_prompt", "the nearest is __colors__"),
        ({"prompt": "__secret__"}, "prompt", "no wildcard __secret__"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(
    prompts: Prompts, changes: dict[str, str], field: str, words: str
) -> None:
    prompts.wildcards.save(ADA, "secret", "x", visibility=Visibility.PRIVATE)
    draft = Draft(**{"prompt": "{a|b}", **changes})
    for ask in (
        lambda: prompts.prepare(BOB, draft),
        lambda: prompts.combinations(BOB, draft),
        lambda: prompts.expansions(BOB, draft, every=True, count=1),
    ):
        with pytest.raises(InvalidDraft, match=words) as raised:
            ask()
        assert [problem.field for problem in raised.value.problems] == [field]


@pytest.mark.parametrize("count", [0, MAX_PROMPTS + 1])
def test_one_click_has_its_limit(prompts: Prompts, count: int) -> None:
    with pytest.raises(InvalidDraft) as raised:
        prompts.expansions(ADA, Draft(prompt="{a|b}"), every=False, count=count)
    assert [problem.field for problem in raised.value.problems] == ["prompt_count"]
