"""The user's own queue: hold and resume it, cancel all of it, move one job up."""

import streamlit as st

from core.jobs.records import Job
from ui.errors import attempt
from ui.state import studio, user
from ui.texts import common
from ui.texts.jobs import jobs as texts


def queue_actions() -> None:
    """Buttons for all of the user's jobs; nothing where none is open and none is held."""
    line, current = studio().line, user()
    own = sum(job.owner == current.name for job in studio().jobs.open(current))
    is_held = line.holds(current)
    if not own and not is_held:
        return
    if is_held:
        st.info(texts.held(len(line.waiting(current))), icon=":material/pause_circle:")
    with st.container(horizontal=True, gap="small", key="queue-actions"):
        label = texts.RESUME if is_held else texts.HOLD
        st.button(
            label,
            key="queue.resume" if is_held else "queue.hold",
            icon=":material/play_circle:" if is_held else ":material/pause_circle:",
            type="tertiary",
            help=texts.HOLD_HELP,
            on_click=attempt,
            args=(lambda: (line.resume if is_held else line.hold)(current),),
        )
        if own > 1 and st.button(
            texts.CANCEL_ALL, key="queue.cancel", icon=":material/stop_circle:", type="tertiary"
        ):
            _confirm_cancel(own)


@st.dialog(texts.CANCEL_ALL_QUESTION)
def _confirm_cancel(count: int) -> None:
    st.write(texts.cancel_all(count))
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(common.KEEP, key="queue.cancel.no"):
            st.rerun()
        is_confirmed = st.button(
            texts.CANCEL_ALL,
            key="queue.cancel.yes",
            type="primary",
            on_click=attempt,
            args=(lambda: studio().line.cancel_all(user()),),
        )
    if is_confirmed:
        st.rerun()


def move_to_front(job: Job) -> None:
    """A button for a job that has others of its owner's before it."""
    state = studio().line.state_of(job)
    if state and state.position and state.position.own_before:
        st.button(
            texts.MOVE_TO_FRONT,
            key=f"front.{job.id}",
            icon=":material/vertical_align_top:",
            help=texts.MOVE_TO_FRONT_HELP,
            on_click=attempt,
            args=(lambda: studio().line.move_to_front(user(), job.id),),
        )
