"""One job in the trash: until when it can be restored, and the ways out."""

from datetime import timedelta

import streamlit as st

from core.jobs.records import TRASH_DAYS, Job
from core.team.permissions import Action
from ui.components.question import answer_buttons
from ui.errors import attempt
from ui.jobs.trash.moving import delete_for_good, restore
from ui.state import may
from ui.texts import common, formatting
from ui.texts.jobs import trash as texts


def in_trash(job: Job) -> None:
    """What is said of it, with Restore and Delete for good for whoever may."""
    if job.trashed_at is None:
        return
    if job.is_being_deleted:
        st.warning(texts.BEING_DELETED, icon=":material/delete_forever:")
    else:
        until = formatting.local_time(job.trashed_at + timedelta(days=TRASH_DAYS))
        st.info(texts.in_trash(f"{until:%Y-%m-%d}"), icon=":material/delete:")
    if may(Action.DELETE, job.item):
        with st.container(horizontal=True, gap="small", key=f"trash-{job.id}"):
            _ways(job)


def _ways(job: Job) -> None:
    if not job.is_being_deleted:
        st.button(
            texts.RESTORE,
            icon=":material/restore_from_trash:",
            key=f"restore.{job.id}",
            type="primary",
            on_click=attempt,
            args=(lambda: restore([job.id]),),
        )
    if st.button(
        texts.DELETE_FOR_GOOD,
        icon=":material/delete_forever:",
        key=f"delete.{job.id}",
        type="tertiary",
    ):
        _confirm(job)


@st.dialog(texts.DELETE_QUESTION)
def _confirm(job: Job) -> None:
    st.write(texts.deletion(1))
    answer_buttons("jobs.delete", common.DELETE, lambda: delete_for_good([job.id]))
