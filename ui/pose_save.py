"""Draws how the editor's pose is saved for the team: as a new pose, or over the one loaded."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from core.errors import ContrappostoError
from core.pose_record import SavedPose
from formats.openpose import Skeleton
from ui.current_pose import current_pose
from ui.default_pose import default_pose
from ui.form import Form
from ui.problems import problems_of, show_at
from ui.state import studio, user
from ui.words import plain

_SAVED: Final = "saved"
_NAME: Final = "saved.name"
_TAGS: Final = "saved.tags"
_PROBLEMS: Final = "saved.problems"
_DONE: Final = "saved.done"

Write = Callable[[str, list[str], Skeleton], SavedPose]


def remember(form: Form, saved: SavedPose | None) -> None:
    """The editor's pose came from this one of the team; None for another origin."""
    state = st.session_state
    state[form.key(_SAVED)] = saved
    state[form.key(_NAME)] = saved.name if saved else ""
    state[form.key(_TAGS)] = ", ".join(saved.tags) if saved else ""
    state[form.key(_PROBLEMS)] = {}
    state[form.key(_DONE)] = ""


def pose_save(form: Form) -> None:
    """Name, tags, and the two buttons."""
    state = st.session_state
    saved: SavedPose | None = state.get(form.key(_SAVED))
    problems: dict[str, str] = state.get(form.key(_PROBLEMS), {})
    with st.popover("Add to library", icon=":material/bookmark_add:", width="stretch"):
        st.text_input("Name of the pose", key=form.key(_NAME))
        show_at(problems, "name")
        st.text_input("Tags, separated by commas", key=form.key(_TAGS))
        show_at(problems, "tags", "skeleton", "")
        if saved:
            st.button(
                "Save changes", key=form.key("saved.update"), type="primary", width="stretch",
                help=f"Overwrites the team's pose “{plain(saved.name)}”",
                on_click=_save, args=(form, _over(saved)),
            )  # fmt: skip
        st.button(
            "Save as new", key=form.key("saved.new"), width="stretch",
            on_click=_save, args=(form, _anew),
        )  # fmt: skip
    if "" in problems:
        st.error(plain(problems[""]))
    elif state.get(form.key(_DONE)):
        st.caption(state[form.key(_DONE)])


def _anew(name: str, tags: list[str], pose: Skeleton) -> SavedPose:
    return studio().poses.save(user(), name, tags, pose)


def _over(saved: SavedPose) -> Write:
    def write(name: str, tags: list[str], pose: Skeleton) -> SavedPose:
        changes = {"name": name, "tags": tuple(tags), "skeleton": pose}
        return studio().poses.update(user(), saved.model_copy(update=changes))

    return write


def _save(form: Form, write: Write) -> None:
    state = st.session_state
    pose = current_pose(form) or default_pose()
    try:
        saved = write(state[form.key(_NAME)], state[form.key(_TAGS)].split(","), pose)
    except ContrappostoError as error:
        state[form.key(_PROBLEMS)] = {p.field: p.message for p in problems_of(error)}
        state[form.key(_DONE)] = ""
        return
    remember(form, saved)
    state[form.key(_DONE)] = f"Saved as “{plain(saved.name)}”."
