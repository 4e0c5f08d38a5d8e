"""Tells a user that their jobs ended, on whatever page they are."""

from typing import Final

import streamlit as st

from core.errors import AwsError, ContrappostoError
from core.jobs.records import Job
from ui.components import mount
from ui.polling import ALERTS_SECONDS
from ui.state import session_value, studio, user
from ui.texts.formatting import date_time
from ui.texts.team import messages as texts

_FOLLOWED: Final = "alerts.followed"
_ENDED: Final = "alerts.ended"
_MOST: Final = 50
"""Alerts that a session keeps; the browser knows which of them it has told."""

Alert = dict[str, str]


def job_alerts() -> None:
    """Follow this user's open jobs from page to page; asks AWS for those alone that ended."""
    st.fragment(_follow, run_every=ALERTS_SECONDS if _open_ids() else None)()


def allow_alerts() -> None:
    """The button by which the browser may tell of ends too."""
    mount("jobs/job_alerts", "job_alerts.allow", {"ask": True, "ended": [], "texts": texts.ALERTS})


def _open_ids() -> frozenset[str]:
    me = user()
    return frozenset(job.id for job in studio().jobs.open(me) if job.owner == me.name)


def _follow() -> None:
    followed = session_value(_FOLLOWED, frozenset, frozenset())
    still_open = _open_ids()
    alerts, unread = _alerts(followed - still_open)
    st.session_state[_FOLLOWED] = still_open | unread
    kept = [*session_value(_ENDED, list, []), *alerts][-_MOST:]
    st.session_state[_ENDED] = kept
    data = {"ask": False, "ended": kept, "texts": texts.ALERTS}
    mount("jobs/job_alerts", "job_alerts", data, height=0)


def _alerts(ended: frozenset[str]) -> tuple[list[Alert], frozenset[str]]:
    """What is told of jobs that ended, and those of which AWS tells nothing now."""
    alerts, unread = [], []
    for job_id in sorted(ended):
        try:
            alerts.append(_alert_of(studio().jobs.get(user(), job_id)))
        except AwsError:
            unread.append(job_id)
        except ContrappostoError:
            continue  # it was deleted meanwhile
    return alerts, frozenset(unread)


def _alert_of(job: Job) -> Alert:
    title = texts.job_has_ended(date_time(job.created_at), job.state)
    body = job.failure.message if job.failure and not job.image_count else job.prompt
    return {"id": job.id, "title": title, "body": body}
