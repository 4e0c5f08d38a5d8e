"""Looks into jobs for the pages; what can't change any more is read from S3 once."""

from datetime import datetime

import streamlit as st

from core.access import User
from core.jobs.records import Job
from core.jobs.service import JobDetail
from ui.state import studio, user

DEFAULT_SIZE = (512, 512)


def detail_of(job: Job) -> JobDetail:
    """The job with its request and result."""
    if job.state.is_open:
        return studio().jobs.detail(user(), job.id)
    return _closed(user().name, job.id, job.updated_at)


@st.cache_data(max_entries=200, show_spinner=False)
def _closed(name: str, job_id: str, updated_at: datetime) -> JobDetail:  # noqa: ARG001
    return studio().jobs.detail(User(name=name), job_id)


def size_of(detail: JobDetail) -> tuple[int, int]:
    """Width and height of the job's pictures; until there are any, of what is being drawn."""
    if detail.result and detail.result.pictures:
        first = detail.result.pictures[0]
        return first.width, first.height
    return detail.request.size if detail.request else DEFAULT_SIZE
