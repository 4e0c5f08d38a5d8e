"""The bar over the selected jobs: what it does with all of them, and what it tells."""

import pytest
from streamlit.testing.v1 import AppTest

from core.jobs.records import Job, JobState
from core.studio.service import Studio
from core.team.users import LOCAL
from tests.core.team.services import keep_job
from tests.pages.steps import button


def script(selected: list[str], in_trash: bool) -> None:
    import streamlit as st  # noqa: PLC0415  # AppTest runs the function's text alone

    from core.jobs.records import JobFilter  # noqa: PLC0415
    from ui.errors import show_notice  # noqa: PLC0415
    from ui.jobs.bulk.bar import bulk_bar  # noqa: PLC0415

    show_notice()

    def used() -> None:
        st.session_state["used"] = True

    bulk_bar(selected, JobFilter(in_trash=in_trash), used)


def bar(jobs: list[Job], *, in_trash: bool = False) -> AppTest:
    ids = [job.id for job in jobs]
    return AppTest.from_function(script, args=(ids, in_trash), default_timeout=60).run()


@pytest.fixture
def jobs(studio: Studio) -> list[Job]:
    """One that succeeded, one that failed, one that waits."""
    queued = {"state": JobState.QUEUED, "sent_at": None, "started_at": None}
    return [
        keep_job(studio, LOCAL.name),
        keep_job(studio, LOCAL.name, state=JobState.FAILED, image_count=0),
        keep_job(studio, LOCAL.name, image_count=0, **queued),
    ]


def states(studio: Studio, jobs: list[Job]) -> list[bool]:
    return [studio.jobs.get(LOCAL, job.id).is_trashed for job in jobs]


def test_nothing_selected_is_no_bar() -> None:
    assert not bar([]).button


def test_the_trash_takes_all_that_may_go_and_one_undo_brings_them_back(
    studio: Studio, jobs: list[Job]
) -> None:
    app = bar(jobs)
    button(app, "Move to trash").click().run()
    assert states(studio, jobs) == [True, True, False]
    assert app.session_state["used"]
    assert app.session_state["jobs.undo"] == (jobs[0].id, jobs[1].id)
    told = app.error[0].value.replace("\\", "")
    assert told == "Done with 2 of 3 jobs. 1 job: The job is still open. Cancel it first."
    app = bar(jobs[:2], in_trash=True)
    assert {found.label for found in app.button} == {"Restore", "Delete for good"}
    button(app, "Restore").click().run()
    assert states(studio, jobs) == [False] * 3


def test_open_ones_are_cancelled_after_a_question(studio: Studio, jobs: list[Job]) -> None:
    app = bar(jobs[2:])
    app.button(key="jobs.bulk.cancel").click().run()
    app.button(key="jobs.bulk.cancel.yes").click().run()
    assert studio.jobs.get(LOCAL, jobs[2].id).state is JobState.CANCELLED
    assert not app.exception


def test_tags_are_typed_for_all(studio: Studio, jobs: list[Job]) -> None:
    app = bar(jobs)
    button(app, "Tags").click().run()
    app.text_input(key="jobs.bulk.tags.add").set_value("city, night")
    app.button(key="jobs.bulk.tags.save").click().run()
    assert not app.exception
    assert {studio.jobs.get(LOCAL, job.id).tags for job in jobs} == {("city", "night")}
    app = bar(jobs)
    button(app, "Tags").click().run()
    app.text_input(key="jobs.bulk.tags.add").set_value("x" * 100)
    app.button(key="jobs.bulk.tags.save").click().run()
    assert "at most 60 characters" in app.session_state["jobs.bulk.tags.problems"]["tags"]


def test_what_has_not_failed_is_not_retried(studio: Studio, jobs: list[Job]) -> None:
    app = bar(jobs[:1])
    button(app, "Retry failed").click().run()
    assert "has not failed" in app.error[0].value
    assert studio.jobs.newest(LOCAL)


def whole_script() -> None:
    import streamlit as st  # noqa: PLC0415  # AppTest runs the function's text alone

    from ui.jobs.bulk.whole_list import whole_list  # noqa: PLC0415

    selected = st.session_state.get("selected", ["a", "b"])
    chosen = whole_list(selected, 5, "question", lambda most: "abcde"[:most])
    st.write(" ".join(chosen))


def test_all_of_the_list_counts_for_one_selection_only() -> None:
    app = AppTest.from_function(whole_script).run()
    assert app.markdown[0].value == "a b"
    button(app, "Select all 5").click().run()
    assert app.markdown[0].value == "a b c d e"
    app.session_state["selected"] = ["a"]
    app.run()
    assert app.markdown[0].value == "a"
    app.session_state["selected"] = ["a", "b"]
    app.run()
    assert app.markdown[0].value == "a b"
