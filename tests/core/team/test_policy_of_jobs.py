"""What the policy refuses is neither kept nor sent, as a new job or as an old one again."""

from collections.abc import Callable

import pytest

from core.errors import InvalidDraft
from core.ids import new_id
from core.jobs.preparing.draft import Draft
from core.jobs.records import JobFilter
from core.studio.service import Studio
from core.team.policy import TeamPolicy
from core.team.users import LOCAL, Role
from tests.support.helpers import wait_for
from tests.support.page_fixtures import connection, studio

__all__ = ["connection", "studio"]

DRAFT = Draft(
    endpoint="policy-of-jobs",
    checkpoints=("tiny-noise-v1.safetensors",),
    prompt="a gory dog",
    steps=2,
)


def test_neither_at_first_nor_again(studio: Studio) -> None:
    (kept,) = studio.jobs.submit(LOCAL, DRAFT, new_id())
    wait_for(lambda: studio.jobs.get(LOCAL, kept.id).sent_at)
    studio.policy.change(LOCAL, TeamPolicy(), TeamPolicy(blocked_words=("gory",)))
    attempts: list[Callable[[], object]] = [
        lambda: studio.jobs.submit(LOCAL, DRAFT, new_id()),
        lambda: studio.jobs.retry(LOCAL, kept.id, new_id()),
    ]
    for attempt in attempts:
        with pytest.raises(InvalidDraft, match="“gory”") as refused:
            attempt()
        assert refused.value.field == "prompt"
    before = studio.policy.of()
    studio.policy.change(LOCAL, before, TeamPolicy(checkpoints={Role.ADMIN: ("cats*",)}))
    for attempt in attempts:
        with pytest.raises(InvalidDraft, match="admin") as refused:
            attempt()
        assert refused.value.field == "checkpoints"
    assert [job.id for job in studio.jobs.page(LOCAL, JobFilter()).jobs] == [kept.id]
