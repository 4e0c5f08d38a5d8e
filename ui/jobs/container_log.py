"""The lines of a job in its container's log, read when somebody asks for them."""

from datetime import UTC, datetime

import streamlit as st

from core.errors import ContrappostoError
from core.jobs.records import Job
from ui.state import studio
from ui.texts import jobs as texts
from ui.texts.formatting import escape


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
    begin = job.sent_at or job.started_at or job.created_at
    end = datetime.now(UTC) if job.state.is_open else job.updated_at
    try:
        lines = studio().container_log.lines_of_job(job.endpoint, job.id, begin, end)
    except ContrappostoError as error:
        st.error(escape(str(error)), icon=":material/error:")
        return
    if lines:
        st.code("\n".join(lines), language=None, wrap_lines=True)
    else:
        st.caption(texts.NO_CONTAINER_LOG)
