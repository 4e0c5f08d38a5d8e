"""Owns the pose editor: mounts the SVG component and takes its answers, each of them checked."""

import logging
import secrets
from dataclasses import dataclass, replace
from typing import Any, Final

import streamlit as st
from pydantic import ValidationError

from formats.openpose.skeleton import Skeleton
from poses.preset_poses import default_pose
from ui.components import mount
from ui.components.pose_editor_data import figure_data
from ui.state import session_value

log = logging.getLogger(__name__)

_MAX_BEHIND: Final = 32
"""Answers that a caller may not have taken yet; reruns that overtake each other need a few."""


@dataclass(frozen=True)
class EditorOptions:
    """What the editor shows beside the pose."""

    background_url: str | None = None
    """An image that fills the canvas."""
    background_size: tuple[int, int] | None = None
    """Width and height of the photo in the image's middle: figures stay on it when the canvas
    changes."""
    upload: str | None = None
    """CSS selector of the page's field for files: those dropped on the canvas go there."""
    hands: bool = False
    lock_lengths: bool = False
    """Where the user's switches for hands and limb lengths stand at first."""


@dataclass(frozen=True)
class _EditorState:
    """What the browser was given last, and its answers since; kept in the session."""

    version: int
    rev: str
    """Names what was loaded; an answer to another revision is out of date."""
    loaded: Skeleton
    returned: tuple[Skeleton, ...]
    """The last pose known to be the caller's, then what was returned to him since."""


def pose_editor(
    skeleton: Skeleton, *, key: str, version: int = 0, options: EditorOptions | None = None
) -> Skeleton:
    """The editor. Returns what the user has made of the pose.

    Pass what it returned the last time, or the same start every time. Another pose replaces the
    one shown, on a canvas of its own size; so does any pose that comes with another `version`,
    which tells a preset loaded once more from the start of a session; the user can undo it.
    """
    state = _state_for(key, skeleton, version)
    data = _data(key, state, options or EditorOptions())
    # Keeps the canvas's place until the editor's script has come (ui/theme/placeholders.css).
    canvas = f"--canvas: {state.loaded.width} / {state.loaded.height}"
    st.html(f"<style>.st-key-{key.replace('.', '-')} {{ {canvas} }}</style>")
    answer = mount("pose_editor", key, data, on_pose_change=lambda: None).pose
    pose = pose_of_answer(answer, rev=state.rev, last=state.returned[-1])
    if pose != state.returned[-1]:
        first, *later = state.returned
        state = replace(state, returned=(first, *later[-_MAX_BEHIND:], pose))
    st.session_state[_state_key(key)] = state
    return pose


def newest_pose(skeleton: Skeleton, *, key: str) -> Skeleton:
    """The caller's pose with what the browser has sent since and no run has shown yet.

    A button pressed right after a drag is heard before the editor runs again.
    """
    state = session_value(_state_key(key), _EditorState)
    answer = st.session_state.get(key)
    if state is None or not answer or skeleton not in state.returned:
        return skeleton
    return pose_of_answer(answer.get("pose"), rev=state.rev, last=state.returned[-1])


def pose_of_answer(answer: Any, *, rev: str, last: Skeleton) -> Skeleton:
    """The browser's pose on the canvas of `last`; else `last`, the last good one.

    An answer that is no pose is logged. One to another revision is out of date and passed over.
    """
    if not isinstance(answer, dict) or answer.get("rev") != rev:
        return last
    canvas = {"width": last.width, "height": last.height}
    try:
        return Skeleton.model_validate({"people": answer.get("people"), **canvas})
    except ValidationError as error:
        where = ".".join(map(str, error.errors(include_input=False)[0]["loc"]))
        log.warning("event=pose_ignored errors=%d first=%s", error.error_count(), where)
        return last


def _state_key(key: str) -> str:
    return f"{key}.state"


def _state_for(key: str, skeleton: Skeleton, version: int) -> _EditorState:
    """The state as it is, or that of a pose from elsewhere."""
    state = session_value(_state_key(key), _EditorState)
    if state is None or version != state.version or skeleton not in state.returned:
        return _EditorState(version, secrets.token_hex(8), loaded=skeleton, returned=(skeleton,))
    if skeleton == state.returned[-1]:
        state = replace(state, returned=(skeleton,))
    if not st.session_state.get(key):  # the page was left: the browser starts from here again
        state = replace(state, loaded=state.returned[-1])
    return state


def _data(key: str, state: _EditorState, options: EditorOptions) -> dict[str, Any]:
    """What the component gets; people are taken over only when `rev` changes."""
    return {
        "board": key,
        "rev": state.rev,
        "width": state.loaded.width,
        "height": state.loaded.height,
        "people": state.loaded.model_dump(mode="json")["people"],
        "background": options.background_url,
        "anchor": options.background_size,
        "upload": options.upload,
        "hands": options.hands,
        "lock": options.lock_lengths,
        **figure_data(state.loaded, default_pose().people[0]),
    }
