"""The policy of a team: what it refuses, who may change it, and how soon it counts."""

from contextlib import suppress
from typing import Any

import pytest

from core.errors import AwsUnreachable, Conflict, InvalidDraft, InvalidInput, NotAllowed
from core.ids import new_id
from core.records.sqlite import SqliteRecordStore
from core.team.access import Access
from core.team.permissions import Visibility
from core.team.policy import (
    MAX_BLOCKED_WORD,
    MAX_BLOCKED_WORDS,
    MAX_PATTERNS,
    Policies,
    TeamPolicy,
    clean_patterns,
    clean_words,
)
from core.team.users import Role, User
from formats.generation.request import GenerationRequest
from tests.core.team.conftest import MovedClock, SilentRecords

ADMIN = User(name="ada", role=Role.ADMIN)
ARTIST = User(name="bob", role=Role.ARTIST)


def request(**changes: Any) -> GenerationRequest:
    values = {"id": new_id(), "prompt": "a dog", "checkpoint": "dogs-v1.safetensors", "seed": 1}
    return GenerationRequest(**{**values, **changes})


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ((), "gore", ""),
        (("gore",), "a dog", ""),
        (("gore",), "Gore", "gore"),
        (("gore",), "(gore:1.3), dog", "gore"),
        (("gore",), "[dog:gore:0.5]", "gore"),
        (("gore",), "dark_gore_scene", "gore"),
        (("gore",), "gores, category", ""),
        (("gore",), "3gore", ""),
        (("gore",), "\uff27\uff2f\uff32\uff25", "gore"),
        (("straße",), "STRASSE", "straße"),
        (("two words",), "Two  words", "two words"),
        (("two words",), "two_words", "two words"),
        (("two words",), "two other words", ""),
        (("c++",), "written in C++", "c++"),
        (("a", "b"), "b a", "a"),
        ((".",), "a dog.", ""),
    ],
)
def test_blocked_words_are_whole_words(words: tuple[str, ...], text: str, found: str) -> None:
    assert TeamPolicy(blocked_words=words).blocked_word(text) == found


@pytest.mark.parametrize(
    ("patterns", "checkpoint", "may"),
    [
        ((), "dogs.safetensors", True),
        (("dogs.safetensors",), "Dogs.safetensors", True),
        (("dogs*",), "dogs-v1.safetensors", True),
        (("*v1*", "cats*"), "cats.safetensors", True),
        (("cats*",), "dogs-v1.safetensors", False),
        (("dogs",), "dogs-v1.safetensors", False),
        (("model [v2]*",), "model [v2].safetensors", True),
        (("model [v2]*",), "model v.safetensors", False),
    ],
)
def test_patterns_name_checkpoints(patterns: tuple[str, ...], checkpoint: str, may: bool) -> None:
    policy = TeamPolicy(checkpoints={Role.ARTIST: patterns})
    assert policy.may_use(Role.ARTIST, checkpoint) is may
    assert policy.may_use(Role.OPERATOR, checkpoint)


POLICY = TeamPolicy(checkpoints={Role.ARTIST: ("cats*",)}, blocked_words=("gore",))


@pytest.mark.parametrize(
    ("user", "changes", "fields"),
    [
        (ADMIN, {}, ()),
        (ARTIST, {}, ("checkpoints",)),
        (ARTIST, {"checkpoint": "cats.safetensors"}, ()),
        (ADMIN, {"prompt": "gore"}, ("prompt",)),
        (ADMIN, {"negative_prompt": "gore"}, ("negative_prompt",)),
        (
            ARTIST,
            {"prompt": "gore", "negative_prompt": "gore"},
            ("prompt", "negative_prompt", "checkpoints"),
        ),
    ],
)
def test_a_refusal_has_every_field_at_fault(
    records: SqliteRecordStore,
    clock: MovedClock,
    user: User,
    changes: dict[str, str],
    fields: tuple[str, ...],
) -> None:
    policies = Policies(records, Access(), clock)
    policies.change(ADMIN, TeamPolicy(), POLICY)
    with suppress(InvalidDraft):
        policies.check(user, [request(**changes), request(**changes)])
        assert fields == ()
        return
    with pytest.raises(InvalidDraft) as refused:
        policies.check(user, [request(**changes), request(**changes)])
    assert tuple(problem.field for problem in refused.value.problems) == fields
    assert ("“gore”" in str(refused.value)) is (fields[0] != "checkpoints")


@pytest.mark.parametrize("role", Role)
def test_admins_alone_change_it(records: SqliteRecordStore, clock: MovedClock, role: Role) -> None:
    policies = Policies(records, Access(), clock)
    user = User(name="somebody", role=role)
    if role is Role.ADMIN:
        policies.change(user, TeamPolicy(), POLICY)
        assert policies.of() == POLICY
    else:
        with pytest.raises(NotAllowed):
            policies.change(user, TeamPolicy(), POLICY)
        assert policies.of() == TeamPolicy()


def test_another_dashboard_counts_within_seconds_and_is_not_overwritten(
    records: SqliteRecordStore, clock: MovedClock
) -> None:
    here, there = (Policies(records, Access(), clock) for _ in range(2))
    assert here.of().job_visibility is Visibility.PRIVATE
    there.change(ADMIN, TeamPolicy(), POLICY)
    assert here.of() == TeamPolicy()
    with pytest.raises(Conflict, match="Another admin"):
        here.change(ADMIN, TeamPolicy(), TeamPolicy(job_visibility=Visibility.TEAM))
    assert here.of() == POLICY  # what was read before is not shown again
    there.change(ADMIN, POLICY, POLICY.model_copy(update={"job_visibility": Visibility.TEAM}))
    clock.move(seconds=11)
    assert here.of().job_visibility is Visibility.TEAM


def test_while_aws_is_silent_the_last_one_holds(
    silent_records: SilentRecords, clock: MovedClock
) -> None:
    policies = Policies(silent_records, Access(), clock)
    silent_records.silent = True
    with pytest.raises(AwsUnreachable):
        policies.check(ADMIN, [request()])
    silent_records.silent = False
    policies.change(ADMIN, TeamPolicy(), POLICY)
    silent_records.silent = True
    clock.move(minutes=5)
    with pytest.raises(InvalidDraft):
        policies.check(ADMIN, [request(prompt="gore")])


def test_what_is_typed_is_tidied() -> None:
    assert clean_words(["  Gore ", "", "gore", "Two   words", "blood"]) == (
        "blood",
        "gore",
        "two words",
    )
    assert clean_patterns([" cats* ", "", "cats*", "dogs*"]) == ("cats*", "dogs*")


@pytest.mark.parametrize(
    ("clean", "lines"),
    [
        (clean_words, ["x" * (MAX_BLOCKED_WORD + 1)]),
        (clean_words, [f"word{n}" for n in range(MAX_BLOCKED_WORDS + 1)]),
        (clean_patterns, ["x" * 129]),
        (clean_patterns, [f"file{n}" for n in range(MAX_PATTERNS + 1)]),
    ],
)
def test_too_much_is_refused(clean: Any, lines: list[str]) -> None:
    with pytest.raises(InvalidInput):
        clean(lines)
