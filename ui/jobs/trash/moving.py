"""Moves jobs into the trash, and offers to undo that right after."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from core.jobs.records import Job
from core.team.permissions import Action
from ui.errors import attempt
from ui.jobs.bulk.outcome import require_all
from ui.jobs.list.selection import select_job
from ui.state import may, request_rerun, studio, user
from ui.texts.jobs import trash as texts

_UNDO: Final = "jobs.undo"
"""Ids of what was put into the trash last."""
_GRIDS: Final = "grid.view."
"""Grids as the session knows them, which ask for jobs that are over no more."""


def trash_button(job: Job) -> None:
    """For whoever may delete the job."""
    if may(Action.DELETE, job.item):
        st.button(
            texts.TRASH,
            key=f"delete.{job.id}",
            icon=":material/delete:",
            type="tertiary",
            on_click=attempt,
            args=(lambda: move_to_trash([job.id]),),
        )


def move_to_trash(job_ids: Sequence[str]) -> None:
    """From a callback: put jobs into the trash, and offer to undo that; what stays is told."""
    outcome = studio().bulk.trash(user(), job_ids)
    if outcome.done:
        st.session_state[_UNDO] = outcome.done
        select_job("")
    _note_change()
    require_all(outcome)


def restore(job_ids: Sequence[str]) -> None:
    """From a callback: take jobs out of the trash; what stays is told."""
    outcome = studio().bulk.restore(user(), job_ids)
    _forget_undo()
    if len(outcome.done) == 1:
        select_job(outcome.done[0])
    _note_change()
    require_all(outcome)


def delete_for_good(job_ids: Sequence[str]) -> None:
    """From a callback: remove jobs with their images; what stays is told."""
    outcome = studio().bulk.delete(user(), job_ids)
    if outcome.done:
        select_job("")
    undone = st.session_state.get(_UNDO, ())
    st.session_state[_UNDO] = tuple(each for each in undone if each not in outcome.done)
    _note_change()
    require_all(outcome)


def undo_bar() -> None:
    """What went into the trash last, with a button that brings it back."""
    moved: tuple[str, ...] = st.session_state.get(_UNDO, ())
    if not moved:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="job-undo"):
        st.info(texts.moved(len(moved)), icon=":material/delete:")
        st.button(
            texts.UNDO,
            icon=":material/undo:",
            type="primary",
            key="jobs.undo.yes",
            on_click=attempt,
            args=(lambda: restore(moved),),
        )
        st.button(texts.DISMISS, key="jobs.undo.no", type="tertiary", on_click=_forget_undo)


def _forget_undo() -> None:
    st.session_state.pop(_UNDO, None)


def _note_change() -> None:
    request_rerun()
    for key in [each for each in st.session_state if str(each).startswith(_GRIDS)]:
        del st.session_state[key]
