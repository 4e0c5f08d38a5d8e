"""Owns which job the Jobs page shows: it stands in the address, so that it survives a reload."""

import streamlit as st

from core.errors import ContrappostoError
from core.jobs.records import Job, JobFilter
from ui.state import studio, user

_PARAMETER = "job"
_NEXT = "chosen_job"


def chosen_job() -> str:
    """The id in the address, or the newest job's; empty where there are no jobs."""
    fresh = st.session_state.pop(_NEXT, None)
    if fresh:
        choose_job(fresh)
    named = st.query_params.get(_PARAMETER, "")
    if named:
        return str(named)
    newest = studio().jobs.page(user(), JobFilter(), 1).jobs
    return newest[0].id if newest else ""


def choose_job(job_id: str) -> None:
    """Show this job; an empty id shows the newest."""
    # An empty value, not none: the browser keeps its address where no parameter is left.
    st.query_params[_PARAMETER] = job_id


def choose_next(job_id: str) -> None:
    """From a callback: show this job at the next run."""
    st.session_state[_NEXT] = job_id


def is_next_chosen() -> bool:
    """Whether a callback chose a job that the page doesn't show yet."""
    return _NEXT in st.session_state


def is_chosen() -> bool:
    """Whether somebody chose the job; on a narrow screen the list makes room then."""
    return bool(st.query_params.get(_PARAMETER))


def find_chosen() -> Job | None:
    """The record; None where there is none to show. An unknown id is said and forgotten."""
    job_id = chosen_job()
    if not job_id:
        return None
    try:
        return studio().jobs.get(user(), job_id)
    except ContrappostoError as error:
        choose_job("")
        st.warning(str(error), icon=":material/search_off:")
        return None
