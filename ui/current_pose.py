"""Owns the pose of a form: on a canvas of the request's size, up to date with the browser."""

from typing import Final

import streamlit as st

from core.pose_fit import fitted
from formats.limits import MAX_SIDE, MIN_SIDE
from formats.openpose import Skeleton
from ui.default_pose import default_pose
from ui.form import Form
from ui.pose_editor import newest_pose

EDITOR: Final = "pose.editor"
_VERSION: Final = "pose.version"
_FITTED: Final = "pose.fitted"


def current_pose(form: Form) -> Skeleton | None:
    """The pose as the editor has it, also where its last change was not drawn yet."""
    pose = form.kept.pose
    return newest_pose(pose, key=form.key(EDITOR)) if pose else None


def version(form: Form) -> int:
    """Counts what was loaded; the editor begins anew with each."""
    return int(st.session_state.get(form.key(_VERSION), 0))


def load(form: Form, pose: Skeleton) -> None:
    """Put another pose into the editor, as large as the canvas allows."""
    st.session_state[form.key(_VERSION)] = version(form) + 1
    form.put(pose=_on_canvas(form, pose))


def fit_to_request(form: Form) -> Skeleton:
    """The form's pose, or the default one, moved onto another canvas where the size changed.

    A size that changes twice before the figure is touched is fitted once, from the first.
    """
    held = form.kept.pose or default_pose()
    if (held.width, held.height) != canvas(form, held):
        pose = current_pose(form) or held
        first, last = st.session_state.get(form.key(_FITTED), (pose, pose))
        start = first if pose == last else pose
        held = _on_canvas(form, start)
        st.session_state[form.key(_FITTED)] = (start, held)
    if held != form.kept.pose:
        form.put(pose=held)
    return held


def _on_canvas(form: Form, pose: Skeleton) -> Skeleton:
    width, height = canvas(form, pose)
    return fitted(pose, width, height)


def canvas(form: Form, pose: Skeleton) -> tuple[int, int]:
    """The request's size; the pose's own while the form has one that is not allowed."""
    sides = (form.get("width"), form.get("height"))
    if all(isinstance(side, int) and MIN_SIDE <= side <= MAX_SIDE for side in sides):
        return sides
    return pose.width, pose.height
