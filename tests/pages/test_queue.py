"""Jobs: what a user can do with their own jobs in the line."""

import pytest

from core.jobs.records import Job, JobState
from core.studio.service import Studio
from core.team.users import LOCAL
from tests.pages.steps import button, finish
from tests.pages.test_jobs import rows, submit
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open
from ui.texts.jobs.jobs import line_position


def wait_in_line(studio: Studio, count: int) -> list[Job]:
    """So many jobs of a queue that is on hold."""
    studio.line.hold(LOCAL)
    jobs = [submit(studio, endpoint="queue") for _ in range(count)]
    wait_for(lambda: len(studio.line.waiting(LOCAL)) == count)
    return jobs


def test_a_held_queue_is_sent_once_it_is_resumed(page: Open, studio: Studio) -> None:
    jobs = wait_in_line(studio, 3)
    app = page("jobs")
    assert {row["doing"] for row in rows(app)[:3]} == {"on hold: resume your queue to send it"}
    assert "3 jobs wait until you resume it" in str(app.info[0].value)
    button(app, "Resume my queue").click().run()
    assert {finish(studio, job).state for job in jobs} == {JobState.SUCCEEDED}


def test_everything_of_mine_is_cancelled_at_once(page: Open, studio: Studio) -> None:
    jobs = wait_in_line(studio, 3)
    app = page("jobs")
    button(app, "Cancel all of mine").click().run()
    app.button(key="queue.cancel.yes").click().run()
    studio.line.resume(LOCAL)
    assert {studio.jobs.get(LOCAL, job.id).state for job in jobs} == {JobState.CANCELLED}
    assert not studio.line.waiting(LOCAL)


@pytest.mark.parametrize(
    ("number", "own", "says"),
    [
        (1, 0, "next in line"),
        (2, 1, "2nd in line, 1 of yours before it"),
        (3, 0, "3rd in line"),
        (11, 2, "11th in line, 2 of yours before it"),
        (22, 0, "22nd in line"),
        (113, 0, "113th in line"),
    ],
)
def test_a_place_in_the_line_in_words(number: int, own: int, says: str) -> None:
    assert line_position(number, own) == says
