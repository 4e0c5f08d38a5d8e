"""Draws the pose library: what ships and what the team saved, to find, load, copy and delete."""

import math
from typing import Final

import streamlit as st

from core.errors import ContrappostoError
from core.poses.catalogue import PoseEntry, frequent_tags, search
from ui.pose.board import Board
from ui.pose.current_pose import load
from ui.pose.pose_gallery import gallery, preset_shelf, team_shelf
from ui.pose.save import remember
from ui.state import studio, user
from ui.texts.formatting import plain, when

_SHELVES: Final = ("Ships with it", "Team")
_PAGE: Final = 36
"""Poses shown at once."""

_TAGS: Final = 16
"""Tags on offer; the search finds the others."""

_CHOSEN: Final = "library.chosen"
_AT: Final = "library.page"
_SURE: Final = "library.sure"
_SAID: Final = "library.said"


@st.dialog("Pose library", width="large")
def pose_library(board: Board) -> None:
    """Search on top, small maps below, and what can be done with the chosen one."""
    st.session_state.setdefault("library.shelf", _SHELVES[0])
    shelf = st.segmented_control(
        "Shelf", _SHELVES, key="library.shelf", required=True, label_visibility="collapsed"
    )
    poses = team_shelf() if shelf == _SHELVES[1] else preset_shelf()
    text = st.text_input(
        "Search", key="library.text", placeholder="Name, tag or owner",
        label_visibility="collapsed", icon=":material/search:",
    )  # fmt: skip
    tags = st.pills(
        "Tags", frequent_tags(poses, _TAGS), selection_mode="multi", key=f"library.tags.{shelf}",
        label_visibility="collapsed",
    )  # fmt: skip
    _pick(search(poses, text, tags), is_team=shelf == _SHELVES[1])
    said = st.session_state.pop(_SAID, "")
    if said:
        st.error(plain(said))
    chosen = next((p for p in poses if p.id == st.session_state.get(_CHOSEN)), None)
    if chosen:
        _actions(board, chosen)


def _pick(poses: tuple[PoseEntry, ...], *, is_team: bool) -> None:
    if not poses:
        st.caption(
            "No pose of the team is like that. Keep the editor's one with “Add to library”."
            if is_team else "No pose that ships is like that."
        )  # fmt: skip
        return
    pages = math.ceil(len(poses) / _PAGE)
    at = min(st.session_state.get(_AT, 1), pages)
    shown = poses[(at - 1) * _PAGE : at * _PAGE]
    picked = gallery(shown, st.session_state.get(_CHOSEN, ""), "library.gallery")
    if pages > 1:
        st.session_state[_AT] = at
        with st.container(horizontal=True, vertical_alignment="center"):
            st.pagination(pages, key=_AT)
            st.caption(f"{len(poses)} poses")
    if picked:
        st.session_state[_CHOSEN] = picked
        st.session_state.pop(_SURE, None)
        st.rerun(scope="fragment")


def _actions(board: Board, pose: PoseEntry) -> None:
    st.markdown(f"**{plain(pose.name)}** :small[{plain(_about(pose))}]")
    with st.container(horizontal=True, gap="small"):
        if st.button(
            "Load", type="primary", key="library.load", on_click=_load, args=(board, pose)
        ):
            st.rerun()
        if pose.saved is None:
            return
        st.button(
            "Duplicate", key="library.copy", icon=":material/content_copy:",
            on_click=_duplicate, args=(pose,),
        )  # fmt: skip
        if st.session_state.get(_SURE) != pose.id:
            st.button(
                "Delete", key="library.delete", icon=":material/delete:", type="tertiary",
                on_click=st.session_state.__setitem__, args=(_SURE, pose.id),
            )  # fmt: skip
            return
        st.button("Keep it", key="library.keep", on_click=st.session_state.pop, args=(_SURE,))
        st.button(
            "Delete for the whole team", key="library.delete.yes", on_click=_delete, args=(pose,)
        )


def _about(pose: PoseEntry) -> str:
    people = len(pose.skeleton.people)
    words = [f"{people} {'person' if people == 1 else 'people'}", ", ".join(pose.tags)]
    if pose.saved:
        words.append(f"saved by {pose.saved.owner} at {when(pose.saved.updated_at)}")
    return " · ".join(word for word in words if word)


def _load(board: Board, pose: PoseEntry) -> None:
    load(board, pose.skeleton)
    remember(board, pose.saved)


def _duplicate(pose: PoseEntry) -> None:
    try:
        st.session_state[_CHOSEN] = studio().poses.duplicate(user(), pose.id).id
    except ContrappostoError as error:
        st.session_state[_SAID] = str(error)


def _delete(pose: PoseEntry) -> None:
    st.session_state.pop(_SURE, None)
    try:
        studio().poses.delete(user(), pose.id)
    except ContrappostoError as error:
        st.session_state[_SAID] = str(error)
