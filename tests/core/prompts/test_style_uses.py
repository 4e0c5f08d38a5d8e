"""Which jobs used a style, and the image that shows it."""

from collections.abc import Sequence

import pytest

from core.errors import NotAllowed, NotFound
from core.ids import new_id
from core.prompts.service import JobsOfStyles, Prompts
from core.team.permissions import Visibility
from core.team.users import User
from tests.core.prompts.conftest import ADA, BOB, Opened
from tests.core.team.conftest import MovedClock
from tests.pages.steps import png


def test_jobs_are_counted_once_and_shown_to_those_who_may_see_them(
    prompts: Prompts, open_prompts: Opened, clock: MovedClock
) -> None:
    ink = prompts.styles.save(ADA, "Ink", "ink")
    film = prompts.styles.save(BOB, "Film", "film")
    jobs = [new_id() for _ in range(25)]
    for job in jobs:
        for _ in range(2):
            prompts.styles.count_job(BOB.name, job, ("Ink", "Ink", "gone"), clock())
    prompts.styles.count_job(BOB.name, jobs[0], (), clock())

    def seen(user: User, ids: Sequence[str]) -> tuple[str, ...]:
        return tuple(ids) if user == BOB else ()

    for each in (prompts, open_prompts()):
        each.styles.others = JobsOfStyles(seen=seen)
        used = each.styles.uses(BOB, ink.id)
        assert (used.jobs, used.last_used) == (25, clock())
        assert used.recent_jobs == tuple(reversed(jobs))[:20]
        assert each.styles.uses(ADA, ink.id).recent_jobs == ()
        assert each.styles.uses(ADA, film.id).jobs == 0


def test_a_preview_is_a_small_copy_for_all_who_see_the_style(
    prompts: Prompts, open_prompts: Opened
) -> None:
    styles = prompts.styles
    styles.others = JobsOfStyles(image=lambda _user, _job, _index: png(640, 320))
    ink = styles.save(ADA, "Ink", "ink", visibility=Visibility.PRIVATE)
    assert styles.preview(ADA, ink.id) is None
    changed = styles.use_result(ADA, ink.id, new_id(), 0)
    assert (changed.revision, bool(changed.preview)) == (1, True)
    found = open_prompts().styles.preview(ADA, ink.id)
    assert found is not None
    assert found[8:12] == b"WEBP"
    with pytest.raises(NotFound):
        styles.preview(BOB, ink.id)
    styles.share(ADA, ink.id, Visibility.TEAM)
    assert styles.preview(BOB, ink.id) == found
    with pytest.raises(NotAllowed):
        styles.use_result(BOB, ink.id, new_id(), 0)
