"""Owns the pose editor: mounts the SVG component, and remembers what it was told and has said."""

import secrets
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

import streamlit as st

from formats.limits import MAX_PEOPLE
from formats.openpose import pose_map
from formats.openpose.skeleton import BODY_POINTS, KEYPOINT_NAMES, Person, Point, Points, Skeleton
from poses.hands import HAND_LENGTH, HandOffset, HandShape, Side, with_hand
from ui.components import mount
from ui.pose.default_pose import default_pose
from ui.pose.editor_answer import checked

_SCRIPTS: Final = (
    "pose_geometry", "pose_history", "pose_moves", "pose_help", "pose_view", "pose_camera",
    "pose_target", "pose_pointer", "pose_keys", "pose_menu", "pose_tools", "pose_drop",
    "pose_editor",
)  # fmt: skip
_FOREARM: Final = 4000
"""Pixels, so long that the rounding of points does not show in the presets."""

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
        **_fixed(memory.loaded),
    }
    answer = mount("pose_editor", key, data, scripts=_SCRIPTS, on_pose_change=lambda: None).pose
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


def _fixed(skeleton: Skeleton) -> dict[str, Any]:
    """What the browser needs to draw as `formats.openpose_map` does."""
    radius = pose_map.limb_radius(skeleton.width, skeleton.height)
    dark = [[int(c * pose_map.LIMB_BRIGHTNESS) for c in one] for one in pose_map.COLOURS]
    return {
        "drawing": {
            "radius": radius,
            "edge_width": max(1, round(radius / 2)),
            "names": KEYPOINT_NAMES,
            "limbs": pose_map.LIMBS,
            "limb_colours": [_rgb(colour) for colour in dark],
            "colours": [_rgb(colour) for colour in pose_map.COLOURS],
            "hand_edges": pose_map.HAND_EDGES,
            "hand_colours": [_rgb(colour) for colour in pose_map.HAND_COLOURS],
            "hand_joint": _rgb(pose_map.HAND_JOINT),
        },
        "figure": default_pose().people[0].model_dump(mode="json"),
        "max_people": MAX_PEOPLE,
        "hand_length": HAND_LENGTH,
        "presets": _hand_presets(),
    }


@cache
def _hand_presets() -> dict[str, list[HandOffset]]:
    """Every shape of a hand, read off one at the end of a level forearm."""
    wrist = Point(x=_FOREARM, y=0)
    at = {3: Point(x=0, y=0), 4: wrist}
    arm = Person(body=tuple(at.get(joint) for joint in range(BODY_POINTS)))
    placed = {s.value: with_hand(arm, Side.RIGHT, s) for s in HandShape}
    return {name: _spots(person.right_hand or (), wrist) for name, person in placed.items()}


def _spots(hand: Points, wrist: Point) -> list[HandOffset]:
    """Along the hand from the wrist and across towards the thumb, in lengths of the hand."""
    size = _FOREARM * HAND_LENGTH
    return [((p.x - wrist.x) / size, (wrist.y - p.y) / size) for p in hand if p]


def _rgb(colour: Any) -> str:
    return "#" + "".join(f"{channel:02x}" for channel in colour)
