"""Owns which job the Jobs page shows: it stands in the address, so that it survives a reload."""

from typing import Final

import streamlit as st

from core.errors import InvalidInput, NotFound
from core.jobs.records import Job, JobFilter
from ui.errors import last_known
from ui.jobs.list.scope import current_scope
from ui.jobs.trash.shown import is_trash_shown
from ui.state import session_value, studio, user
from ui.texts.formatting import escape

_PARAMETER: Final = "job"
_NEXT: Final = "selected_job"
_FIRST: Final = "jobs.first"


def selected_job_id() -> str:
    """The id in the address, or that of the list's first job; empty where it has none."""
    pending = st.session_state.pop(_NEXT, None)
    if pending:
        select_job(pending)
    job_id = st.query_params.get(_PARAMETER, "")
    if job_id:
        return str(job_id)
    if (first := session_value(_FIRST, str)) is not None:
        return first
    newest = JobFilter(scope=current_scope(), in_trash=is_trash_shown())
    page = last_known("jobs.newest", newest, lambda: studio().jobs.page(user(), newest, 1))
    return page.jobs[0].id if page.jobs else ""


def note_first(job_id: str) -> None:
    """Which job stands first in the list now; empty where it has none."""
    st.session_state[_FIRST] = job_id


def select_job(job_id: str) -> None:
    """Show this job; an empty id shows the newest."""
    # An empty value, not none: the browser keeps its address where no parameter is left.
    st.query_params[_PARAMETER] = job_id


def select_next(job_id: str) -> None:
    """From a callback: show this job at the next run."""
    st.session_state[_NEXT] = job_id


def is_selection_pending() -> bool:
    """Whether a callback selected a job that the page doesn't show yet."""
    return _NEXT in st.session_state


def is_selected() -> bool:
    """Whether somebody selected the job; on a narrow screen the list makes room then."""
    return bool(st.query_params.get(_PARAMETER))


def find_selected() -> Job | None:
    """The record, redacted where the user may not look into it; None where there is none to show.

    An unknown id is reported and forgotten.
    """
    job_id = selected_job_id()
    if not job_id:
        return None
    try:
        return last_known("job", job_id, lambda: studio().jobs.listed(user(), job_id))
    except (InvalidInput, NotFound) as error:  # AWS's errors say nothing of the job
        select_job("")
        st.warning(escape(str(error)), icon=":material/search_off:")
        return None
