"""What a form's prompt becomes: styles in their order, once, and found again in the text."""

import pytest

from core.errors import InvalidDraft
from core.jobs.preparing.draft import Draft
from core.prompts.service import Prompts
from core.team.permissions import Visibility
from core.team.users import User
from formats.generation.parameters import Mode
from tests.core.prompts.conftest import ADA, BOB, VIEWER


def save_ink_and_film(prompts: Prompts, user: User = ADA) -> None:
    prompts.styles.save(user, "Ink", "ink drawing", "colour")
    prompts.styles.save(user, "Film", "film still of {prompt}, grain")


@pytest.mark.parametrize(
    ("names", "prompt", "negative"),
    [
        ((), "a dog", "blur"),
        (("Ink",), "a dog, ink drawing", "blur, colour"),
        (("Ink", "Film"), "film still of a dog, ink drawing, grain", "blur, colour"),
        (("Film", "Ink"), "film still of a dog, grain, ink drawing", "blur, colour"),
        (("Ink", "Ink"), "a dog, ink drawing, ink drawing", "blur, colour, colour"),
    ],
)
def test_styles_are_applied_in_their_order_and_stay_named(
    prompts: Prompts, names: tuple[str, ...], prompt: str, negative: str
) -> None:
    save_ink_and_film(prompts)
    draft = Draft(prompt="a dog", negative_prompt="blur", styles=names)
    prepared = prompts.prepare(BOB, draft)
    assert (prepared.prompt, prepared.negative_prompt) == (prompt, negative)
    assert prepared.styles == names


def test_a_job_that_only_enlarges_has_none(prompts: Prompts) -> None:
    prepared = prompts.prepare(ADA, Draft(mode=Mode.UPSCALE, styles=("gone",), prompt="a dog"))
    assert (prepared.styles, prepared.prompt) == ((), "a dog")


@pytest.mark.parametrize("user", [BOB, VIEWER], ids=lambda user: user.role.value)
def test_each_style_that_one_can_not_use_is_named(prompts: Prompts, user: User) -> None:
    prompts.styles.save(ADA, "Ink", "ink", visibility=Visibility.PRIVATE)
    deleted = prompts.styles.save(ADA, "Film", "film")
    prompts.styles.delete(ADA, deleted.id)
    with pytest.raises(InvalidDraft) as raised:
        prompts.prepare(user, Draft(prompt="a dog", styles=("Ink", "Film", "none", "Ink")))
    assert [problem.field for problem in raised.value.problems] == ["styles"] * 3
    assert [name in raised.value.problems[n].message for n, name in enumerate(("Ink", "Film"))]


def test_of_two_with_one_name_ones_own_counts(prompts: Prompts) -> None:
    prompts.styles.save(ADA, "Ink", "ada's", visibility=Visibility.PRIVATE)
    prompts.styles.save(BOB, "Ink", "bob's")
    draft = Draft(prompt="a dog", styles=("Ink",))
    assert prompts.prepare(ADA, draft).prompt == "a dog, ada's"
    assert prompts.prepare(BOB, draft).prompt == "a dog, bob's"


@pytest.mark.parametrize(
    ("prompt", "negative", "names", "left"),
    [
        ("film still of a dog, ink drawing, grain", "colour", ("Ink", "Film"), "a dog"),
        ("a dog, ink drawing", "blur", (), "a dog, ink drawing"),
        ("a  dog, ink drawing", "colour", (), "a  dog, ink drawing"),
        ("a dog", "", (), "a dog"),
    ],
)
def test_styles_are_found_where_they_make_the_very_same_text(
    prompts: Prompts, prompt: str, negative: str, names: tuple[str, ...], left: str
) -> None:
    save_ink_and_film(prompts)
    found = prompts.extract(BOB, prompt, negative)
    assert (found.names, found.prompts.prompt) == (names, left)
