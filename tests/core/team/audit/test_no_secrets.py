"""No entry holds a prompt, a key, a secret or a signed address, wherever they are typed."""

import random
from collections.abc import Callable
from contextlib import suppress

import pytest
from pydantic import ValidationError

from core.endpoints.lifecycle.orphans import Orphan, OrphanKind
from core.endpoints.scaling.spec import ScalingSpec
from core.errors import AwsError, ContrappostoError, InvalidInput, NotAllowed
from core.ids import new_id
from core.jobs.preparing.draft import Draft
from core.models.metadata.fields import ModelFields
from core.studio.service import Studio
from core.team.access import Access
from core.team.api_keys import Scope
from core.team.audit.entries import AUDIT, clean_name, reason_of
from core.team.audit.log import AuditLog
from core.team.permissions import Action, Item, Kind, Visibility
from core.team.policy import TeamPolicy
from core.team.users import LOCAL, Role
from formats.models.kinds import ModelKind
from poses.preset_poses import default_pose
from tests.core.team.conftest import MovedClock

PLANTED = {
    "prompt": "a very PLANTED dog, (best quality:1.2)",
    "key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYPLANTEDKEY",
    "bearer": "Bearer cpk_PLANTED.abcdef0123456789",
    "url": "https://b.s3.amazonaws.com/k?X-Amz-Signature=PLANTED&X-Amz-Expires=60",
}
"""Each has the word that no entry may have."""

Act = Callable[[Studio, str], object]

ACTS: dict[str, Act] = {
    "create an endpoint": lambda s, t: s.endpoints.create(LOCAL, t, "ml.m5.large", 1),
    "of a type": lambda s, t: s.endpoints.create(LOCAL, "cats", t, 1),
    "scale": lambda s, t: s.scaling.order(LOCAL, t, ScalingSpec()),
    "clean": lambda s, t: s.scaling.clean(LOCAL, t),
    "stop": lambda s, t: s.orders.stop(LOCAL, t),
    "start": lambda s, t: s.orders.start(LOCAL, t),
    "forget": lambda s, t: s.orders.forget(LOCAL, t),
    "delete": lambda s, t: s.deletion.ask(LOCAL, t),
    "withdraw": lambda s, t: s.deletion.withdraw(LOCAL, t),
    "update": lambda s, t: s.updates.ask(LOCAL, t, "ml.m5.large"),
    "dismiss": lambda s, t: s.updates.dismiss(LOCAL, t),
    "limit": lambda s, t: s.costs.set_limits(LOCAL, t, 5, None),
    "price": lambda s, t: s.costs.set_price(LOCAL, t, 1.0),
    "orphan": lambda s, t: s.orphans.remove(LOCAL, orphan(s, t)),
    "submit": lambda s, t: s.jobs.submit(LOCAL, Draft(endpoint=t, prompt=t, seed="1"), t),
    "retry": lambda s, t: s.jobs.retry(LOCAL, t, t),
    "cancel": lambda s, t: s.jobs.cancel(LOCAL, t),
    "trash a job": lambda s, t: s.job_trash.put(LOCAL, t),
    "restore a job": lambda s, t: s.job_trash.restore(LOCAL, t),
    "tag jobs": lambda s, t: s.bulk.tag(LOCAL, [t], [t]),
    "delete a job": lambda s, t: s.job_trash.delete(LOCAL, t),
    "upload": lambda s, t: s.uploads.start_paths(LOCAL, [t, f"/{t}"], None),
    "cancel an upload": lambda s, t: s.uploads.cancel(LOCAL, t),
    "delete a model": lambda s, t: s.models.delete_now(LOCAL, t),
    "trash a model": lambda s, t: s.models.put_in_trash(LOCAL, ModelKind.LORA, t),
    "restore a model": lambda s, t: s.models.restore(LOCAL, t),
    "edit a model": lambda s, t: s.models.edit(LOCAL, [t], ModelFields(title=t)),
    "save a pose": lambda s, t: s.poses.save(LOCAL, t, (t,), default_pose()),
    "share a pose": lambda s, t: s.poses.share(LOCAL, t, Visibility.PRIVATE, (t,)),
    "share a job": lambda s, t: s.jobs.share(LOCAL, t, Visibility.PRIVATE, (t,)),
    "first in line": lambda s, t: s.line.move_to_front(LOCAL, t),
    "announce": lambda s, t: s.announcements.publish(LOCAL, t, maintenance=False),
    "import tags": lambda s, t: s.tag_lists.replace(LOCAL, t, t.encode()),
    "make a key": lambda s, t: s.api_keys.create(LOCAL, t, [Scope.READ], 1),
    "revoke a key": lambda s, t: s.api_keys.revoke(LOCAL, t, t),
    "give a role": lambda s, t: s.administration.give_role(LOCAL, t, Role.ADMIN),
    "hand over": lambda s, t: s.moves.hand_over(LOCAL, t),
    "remove a person": lambda s, t: s.moves.remove_person(LOCAL, t, t),
    "block a word": lambda s, t: s.policy.change(LOCAL, s.policy.of(), blocking(t)),
    "lift": lambda s, t: s.costs.go_on(LOCAL, t),
    "delete a pose": lambda s, t: s.poses.delete(LOCAL, t),
}
"""Everything that takes a text of a user's."""


def blocking(word: str) -> TeamPolicy:
    return TeamPolicy(blocked_words=(word,))


def orphan(studio: Studio, text: str) -> Orphan:
    now = studio.jobs._clock()
    kind = OrphanKind.MODEL
    return Orphan(kind=kind, name=text, endpoint=text, owner="local", created_at=now)


def test_wherever_it_is_typed(studio: Studio) -> None:
    for act in ACTS.values():
        for text in PLANTED.values():
            with suppress(ContrappostoError, ValidationError):
                act(studio, text)
    studio.audit.close()
    kept = studio.records.page(AUDIT, limit=1000).records
    assert {record.value.event for record in kept} >= {
        "create",
        "clean up",
        "set price",
        "retry",
        "give role",
        "change",
    }
    assert [r.value for r in kept if "PLANTED" in r.model_dump_json().upper()] == []


@pytest.mark.parametrize("text", PLANTED.values())
@pytest.mark.parametrize("kind", [AwsError, InvalidInput, NotAllowed, ValueError, KeyError])
def test_an_errors_words_are_no_reason(
    studio: Studio, clock: MovedClock, kind: type[Exception], text: str
) -> None:
    audit = AuditLog(studio.records, clock)
    pose = Item(kind=Kind.POSE, owner="local")
    with (
        suppress(kind),
        Access(record=audit.record).acting(LOCAL, Action.DELETE, pose, new_id()),
    ):
        raise kind(text)
    entry = audit._waiting.get_nowait()
    assert (entry.reason, "PLANTED" in entry.model_dump_json()) == (kind.__name__, False)


def test_a_code_of_awss_is_a_word() -> None:
    assert reason_of(AwsError("x", "ValidationException")) == "AwsError ValidationException"
    for text in PLANTED.values():
        assert reason_of(AwsError("x", text)) == "AwsError"


@pytest.mark.parametrize("seed", range(20))
def test_no_name_holds_an_address_or_several_lines(seed: int) -> None:
    chance = random.Random(seed)
    around = ("".join(chance.choices("abz-_. /:\n\t\x00é😀", k=chance.randrange(40))) for _ in "12")
    before, after = around
    for secret in (PLANTED["url"], "?X-Amz-Signature=ab", "&token=ab", "https://ab"):
        assert clean_name(f"{before}{secret}{after}") == ""
    assert len(clean_name("a" * chance.randrange(1000))) <= 128
