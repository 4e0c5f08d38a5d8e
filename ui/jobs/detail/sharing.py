"""Who may see a job: its mark in lists, and the dialog in which its owner changes that."""

from typing import Final

import streamlit as st

from core.errors import ContrappostoError
from core.jobs.records import Job
from core.team.permissions import Action
from core.team.users import User
from ui.components.sharing_fields import (
    chosen_sharing,
    fill_sharing,
    has_others,
    sharing_fields,
    title_of,
)
from ui.errors import messages_of, show_rest
from ui.jobs.detail.public_links import forget_new_link, public_links
from ui.state import may, studio, user
from ui.texts.formatting import escape
from ui.texts.team import sharing as texts

_PROBLEMS: Final = "share.problems"


def mark_of(job: Job, me: User) -> str:
    """Whose a job is and who sees it, in a word or two; empty where nobody signs in."""
    if not has_others():
        return ""
    if job.owner != me.name:
        return title_of(job.owner)
    return texts.mark(job.visibility, len(job.shared_with))


def share_button(job: Job) -> None:
    """For the owner alone."""
    if not has_others() or not may(Action.SHARE, job.item):
        return
    if st.button(
        texts.SHARE,
        key=f"share.{job.id}",
        icon=":material/share:",
        help=escape(texts.now(job.visibility, [title_of(name) for name in job.shared_with])),
    ):
        fill_sharing(job.visibility, job.shared_with)
        st.session_state[_PROBLEMS] = {}
        forget_new_link()
        _dialog(job)


@st.dialog(texts.QUESTION)
def _dialog(job: Job) -> None:
    show_rest(st.session_state[_PROBLEMS])
    sharing_fields()
    st.caption(texts.JOB_NOTE)
    is_asked = st.button(
        texts.SAVE, type="primary", key="share.save", on_click=_save, args=(job.id,)
    )
    if is_asked and not st.session_state[_PROBLEMS]:
        st.rerun()
    public_links(job)


def _save(job_id: str) -> None:
    try:
        studio().jobs.share(user(), job_id, *chosen_sharing())
    except ContrappostoError as error:
        st.session_state[_PROBLEMS] = messages_of(error)
    else:
        st.session_state[_PROBLEMS] = {}
