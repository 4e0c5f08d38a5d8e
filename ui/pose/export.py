"""Draws how the editor's pose leaves as a file: OpenPose JSON, or the map."""

from collections.abc import Callable
from functools import partial
from typing import Final

import streamlit as st

from core.poses.files import export_fkunn1326, export_json, export_json_list, export_png
from formats.openpose.skeleton import Skeleton
from ui.pose.board import Board

_FORMS: Final[dict[str, tuple[str, str, Callable[[Skeleton], str | bytes]]]] = {
    "OpenPose JSON": ("pose.json", "application/json", export_json),
    "OpenPose JSON, as a list": ("pose-list.json", "application/json", export_json_list),
    "fkunn1326 JSON": ("pose-fkunn1326.json", "application/json", export_fkunn1326),
    "Map (PNG)": ("pose.png", "image/png", export_png),
}


def pose_export(board: Board, pose: Skeleton) -> None:
    """A button for each form; the file is made when it is asked for."""
    with st.popover("Export", icon=":material/download:", width="stretch"):
        for label, (file, kind, write) in _FORMS.items():
            st.download_button(
                label,
                partial(write, pose),
                file_name=file,
                mime=kind,
                key=board.key(f"export.{file}"),
                on_click="ignore",
                width="stretch",
            )
        st.caption(
            "ComfyUI reads the list; editors of the WebUI read the first. fkunn1326's has no hands."
        )
