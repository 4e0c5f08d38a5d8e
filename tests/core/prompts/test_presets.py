"""Presets of the form: saved, replaced, renamed, within their bounds."""

from typing import Any

import pytest

from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.prompts.presets.library import MAX_VALUES
from core.prompts.service import Prompts
from core.team.permissions import Visibility
from tests.core.prompts.conftest import ADA, BOB, VIEWER, Opened

FIELDS = {"steps": 30, "sampler": "Euler", "hires": {"scale": 1.5}}


def test_a_preset_is_ones_own_until_it_is_shared(prompts: Prompts, open_prompts: Opened) -> None:
    kept = prompts.presets.save(ADA, "Portrait", FIELDS)
    other = open_prompts().presets
    assert other.list(ADA) == (kept,)
    assert other.list(BOB) == ()
    prompts.presets.share(ADA, kept.id, Visibility.TEAM)
    assert open_prompts().presets.list(VIEWER)[0].values == FIELDS


def test_it_is_replaced_renamed_and_brought_back(prompts: Prompts) -> None:
    presets = prompts.presets
    kept = presets.save(ADA, "Portrait", FIELDS)
    replaced = presets.replace(ADA, kept, {"steps": 9})
    renamed = presets.rename(ADA, replaced, " Nine  steps", "fast")
    assert (renamed.name, renamed.note, renamed.values) == ("Nine steps", "fast", {"steps": 9})
    with pytest.raises(Conflict):
        presets.replace(ADA, kept, FIELDS)
    presets.delete(ADA, kept.id)
    assert presets.list(ADA) == ()
    assert presets.restore(ADA, kept.id).name == "Nine steps"
    with pytest.raises(NotFound):
        presets.rename(BOB, renamed, "Bob's")
    with pytest.raises(NotAllowed):
        presets.save(VIEWER, "Mine", FIELDS)


@pytest.mark.parametrize(
    ("name", "values", "field"),
    [
        ("", FIELDS, "name"),
        ("Taken", FIELDS, "name"),
        ("New", {}, "fields"),
        ("New", {"prompt": "x" * MAX_VALUES}, "fields"),
    ],
)
def test_says_what_is_wrong(
    prompts: Prompts, name: str, values: dict[str, Any], field: str
) -> None:
    prompts.presets.save(ADA, "Taken", FIELDS)
    with pytest.raises(InvalidInput) as raised:
        prompts.presets.save(ADA, name, values)
    assert raised.value.field == field
