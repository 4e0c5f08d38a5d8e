"""Owns the pose editor: mounts the SVG component, and remembers what it was told and has said."""

import secrets
from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from formats.openpose.skeleton import Skeleton
from ui.components import mount
from ui.components.pose_editor_data import figure_data
from ui.pose.default_pose import default_pose
from ui.pose.editor_answer import checked

_RECALLED: Final = 32
"""Poses that a caller may be behind with; reruns that overtake each other need a few."""


@dataclass(frozen=True)
class _Memory:
    """What one editor was told and has said since; lives in the session."""

    version: int
    rev: str
    """Names what was loaded; drawings that answer another revision are out of date."""
    loaded: Skeleton
    returned: tuple[Skeleton, ...]
    """The last pose known to be the caller's, then what was returned to him since."""


def pose_editor(  # noqa: PLR0913 - each is one thing a page may say of it
    skeleton: Skeleton,
    *,
    key: str,
    version: int = 0,
    background_url: str | None = None,
    background_size: tuple[int, int] | None = None,
    upload: str | None = None,
    hands: bool = False,
    lock_lengths: bool = False,
) -> Skeleton:
    """Draw the editor and return what the user has made of the pose.

    Pass what it returned the last time, or the same start every time. Another pose replaces the
    drawing, on a canvas of its own size; so does any pose that comes with another `version`,
    which tells a preset loaded once more from the start of a session; the user can undo it.
    `background_url` is a picture that fills the canvas, with a photo of `background_size` in its
    middle: figures stay on it when the canvas changes. `upload` is a CSS selector of the page's
    field for files: those dropped on the canvas go there. `hands` and `lock_lengths` set switches
    that the user may turn.
    """
    memory = _recall(key, skeleton, version)
    data = {
        "board": key,
        "rev": memory.rev,
        "width": memory.loaded.width,
        "height": memory.loaded.height,
        "people": memory.loaded.model_dump(mode="json")["people"],
        "background": background_url,
        "anchor": background_size,
        "upload": upload,
        "hands": hands,
        "lock": lock_lengths,
        **figure_data(memory.loaded, default_pose().people[0]),
    }
    answer = mount("pose_editor", key, data, on_pose_change=lambda: None).pose
    drawn = checked(answer, rev=memory.rev, last=memory.returned[-1])
    if drawn != memory.returned[-1]:
        first, *later = memory.returned
        memory = replace(memory, returned=(first, *later[-_RECALLED:], drawn))
    st.session_state[_memory_key(key)] = memory
    return drawn


def newest_pose(skeleton: Skeleton, *, key: str) -> Skeleton:
    """The caller's pose with what the browser has sent since and no run has drawn yet.

    A button pressed right after a drag is heard before the editor is drawn again.
    """
    memory: _Memory | None = st.session_state.get(_memory_key(key))
    answer = st.session_state.get(key)
    if memory is None or not answer or skeleton not in memory.returned:
        return skeleton
    return checked(answer.get("pose"), rev=memory.rev, last=memory.returned[-1])


def _memory_key(key: str) -> str:
    return f"{key}.memory"


def _recall(key: str, skeleton: Skeleton, version: int) -> _Memory:
    """What the editor should show: what it shows already, or a pose from elsewhere."""
    memory: _Memory | None = st.session_state.get(_memory_key(key))
    if memory is None or version != memory.version or skeleton not in memory.returned:
        return _Memory(version, secrets.token_hex(8), loaded=skeleton, returned=(skeleton,))
    if skeleton == memory.returned[-1]:
        memory = replace(memory, returned=(skeleton,))
    if not st.session_state.get(key):  # the page was left: the browser starts from here again
        memory = replace(memory, loaded=memory.returned[-1])
    return memory
