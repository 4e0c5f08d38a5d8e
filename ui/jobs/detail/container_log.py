"""The lines of a job in its container's log, read when somebody asks for them."""

import streamlit as st

from core.errors import ContrappostoError
from core.jobs.records import Job
from ui.state import studio, user
from ui.texts.formatting import escape
from ui.texts.jobs import jobs as texts


def container_log(job: Job) -> None:
    """A button, and below it the lines; nothing of a job that no container can have had."""
    if job.sent_at is None and job.started_at is None:
        return
    if st.button(
        texts.CONTAINER_LOG,
        key=f"jobs.log.{job.id}",
        icon=":material/article:",
        type="tertiary",
        help=texts.CONTAINER_LOG_HELP,
    ):
        _lines(job)


def _lines(job: Job) -> None:
    try:
        lines = studio().jobs.container_log(user(), job.id)
    except ContrappostoError as error:
        st.error(escape(str(error)), icon=":material/error:")
        return
    if lines:
        st.code("\n".join(lines), language=None, wrap_lines=True)
    else:
        st.caption(texts.NO_CONTAINER_LOG)
