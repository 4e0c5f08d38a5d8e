"""Runs a job once more, on another endpoint than it ran on."""

import streamlit as st

from core.endpoints.service import Endpoint
from core.errors import AwsError
from core.jobs.records import Job
from ui.errors import attempt
from ui.jobs.list.selection import select_next
from ui.state import one_click, studio, user
from ui.texts.jobs import detail as texts


def run_elsewhere(job: Job) -> None:
    """A button that asks where; the endpoints are listed only then."""
    if st.button(texts.RUN_ELSEWHERE, key=f"elsewhere.{job.id}", icon=":material/alt_route:"):
        _dialog(job)


@st.dialog(texts.RUN_ELSEWHERE)
def _dialog(job: Job) -> None:
    """A button for each endpoint that takes jobs now, but for the job's own."""
    st.caption(texts.RUN_ELSEWHERE_ABOUT)
    others = [each for each in _endpoints() if each.accepts_jobs and each.name != job.endpoint]
    if not others:
        st.caption(texts.NO_OTHER_ENDPOINT)
    for each in others:
        if st.button(
            texts.run_on(each.name, studio().costs.per_hour(each.instance_type)),
            key=f"elsewhere.{job.id}.{each.name}",
            on_click=attempt,
            args=(lambda name=each.name: _run_on(job, name),),
        ):
            st.rerun()


def _endpoints() -> tuple[Endpoint, ...]:
    """As they were last listed; none where AWS has never answered."""
    try:
        return studio().endpoints.list(user())
    except AwsError:
        return ()


def _run_on(job: Job, endpoint: str) -> None:
    with one_click(f"retry.{job.id}.{endpoint}", job.id) as click:
        retried = studio().jobs.retry(user(), job.id, click, endpoint)
    select_next(retried.id)
