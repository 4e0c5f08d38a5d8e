"""Tells a user that their jobs ended, on whatever page they are."""

from typing import Final

import streamlit as st

from core.errors import ContrappostoError
from core.jobs.records import Job
from ui.components import mount
from ui.polling import NOTICES_SECONDS
from ui.state import session_value, studio, user
from ui.texts.formatting import date_time
from ui.texts.team import messages as texts

_FOLLOWED: Final = "notices.followed"
_ENDED: Final = "notices.ended"
_MOST: Final = 50
"""Notices that a session keeps; the browser knows which of them it has told."""

Notice = dict[str, str]


def job_notices() -> None:
    """Follow this user's open jobs from page to page; asks AWS for those alone that ended."""
    st.fragment(_follow, run_every=NOTICES_SECONDS if _open_ids() else None)()


def allow_notices() -> None:
    """The button by which the browser may tell of ends too."""
    mount("job_notices", "job_notices.allow", {"ask": True, "ended": [], "texts": texts.NOTICES})


def _open_ids() -> frozenset[str]:
    me = user()
    return frozenset(job.id for job in studio().jobs.open(me) if job.owner == me.name)


def _follow() -> None:
    still_open = _open_ids()
    ended = session_value(_FOLLOWED, frozenset, frozenset()) - still_open
    st.session_state[_FOLLOWED] = still_open
    notices = [notice for job_id in sorted(ended) if (notice := _notice(job_id))]
    kept = [*session_value(_ENDED, list, []), *notices][-_MOST:]
    st.session_state[_ENDED] = kept
    data = {"ask": False, "ended": kept, "texts": texts.NOTICES}
    mount("job_notices", "job_notices", data, height=0)


def _notice(job_id: str) -> Notice | None:
    """What is told of a job; nothing of one that was deleted, or that AWS doesn't tell of now."""
    try:
        job = studio().jobs.get(user(), job_id)
    except ContrappostoError:
        return None
    return _notice_of(job)


def _notice_of(job: Job) -> Notice:
    title = texts.job_has_ended(date_time(job.created_at), job.state)
    body = job.failure.message if job.failure and not job.image_count else job.prompt
    return {"id": job.id, "title": title, "body": body}
