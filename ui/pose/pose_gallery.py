"""Draws poses as a gallery of small maps, and finds the poses that it shows."""

from base64 import b64encode
from collections.abc import Iterable

import streamlit as st

from core.poses.catalogue import PoseEntry
from core.poses.files import thumbnail
from formats.openpose.skeleton import Skeleton
from poses.preset_poses import presets
from ui.components import mount
from ui.state import studio, user


def preset_shelf() -> tuple[PoseEntry, ...]:
    """The poses that ship."""
    return tuple(PoseEntry.from_preset(preset) for preset in presets())


def team_shelf() -> tuple[PoseEntry, ...]:
    """The team's poses, the latest change first."""
    return tuple(PoseEntry.from_saved(saved) for saved in studio().poses.list(user()))


def gallery(poses: Iterable[PoseEntry], chosen: str, key: str) -> str | None:
    """Draw them. Returns the id of the one that was clicked now."""
    items = [{"id": p.id, "name": p.name, "thumb": _thumb_url(p)} for p in poses]
    picked = mount(
        "gallery", key, {"items": items, "chosen": chosen}, on_pick_change=lambda: None
    ).pick
    return picked or None


def _thumb_url(pose: PoseEntry) -> str:
    kept = pose.saved.thumbnail if pose.saved else ""
    return f"data:image/webp;base64,{kept or _drawn(pose.skeleton.model_dump_json())}"


@st.cache_data(max_entries=2000, show_spinner=False)
def _drawn(pose: str) -> str:
    return b64encode(thumbnail(Skeleton.model_validate_json(pose))).decode()
