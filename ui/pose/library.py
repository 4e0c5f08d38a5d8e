"""The pose library: what ships and what the team saved, to find, load, copy and delete."""

import math
from base64 import b64encode
from collections.abc import Iterable
from typing import Final

import streamlit as st

from core.errors import ContrappostoError
from core.poses.catalogue import PoseEntry, frequent_tags, search
from core.poses.files import thumbnail
from core.poses.records import SavedPose
from core.team.permissions import Action, Kind
from formats.openpose.skeleton import Skeleton
from poses.preset_poses import presets
from ui.components import mount
from ui.components.sharing_fields import (
    chosen_sharing,
    fill_sharing,
    has_others,
    sharing_fields,
    title_of,
)
from ui.errors import last_known
from ui.pose.board import Board
from ui.state import may, may_create, studio, user
from ui.texts import common
from ui.texts.formatting import date_time, escape
from ui.texts.pose import studio as texts
from ui.texts.team import sharing as sharing_texts

_SHELVES: Final = (texts.SHIPPED, texts.TEAM)
_PAGE: Final = 36
"""Poses shown at once."""

_TAGS: Final = 16
"""Tags on offer; the search finds the others."""

_SELECTED: Final = "library.chosen"
_PAGE_NUMBER: Final = "library.page"
_TO_DELETE: Final = "library.delete.pose"
_ERROR: Final = "library.error"
_SHARED: Final = "library.shared"


def preset_poses() -> tuple[PoseEntry, ...]:
    """The poses that ship."""
    return tuple(PoseEntry.from_preset(preset) for preset in presets())


def team_poses() -> tuple[PoseEntry, ...]:
    """The team's poses, the latest change first."""
    saved = last_known("poses", user().name, lambda: studio().poses.list(user()))
    return tuple(map(PoseEntry.from_saved, saved))


@st.dialog(texts.LIBRARY, width="large")
def pose_library(board: Board) -> None:
    """Search on top, small maps below, and what can be done with the chosen one."""
    st.session_state.setdefault("library.shelf", texts.SHIPPED)
    shelf = st.segmented_control(
        texts.SHELF, _SHELVES, key="library.shelf", required=True, label_visibility="collapsed"
    )
    is_team = shelf == texts.TEAM
    poses = team_poses() if is_team else preset_poses()
    text = st.text_input(
        texts.SEARCH,
        key="library.text",
        placeholder=texts.SEARCH_PLACEHOLDER,
        label_visibility="collapsed",
        icon=":material/search:",
    )
    tags = st.pills(
        texts.TAG_FILTER,
        frequent_tags(poses, _TAGS),
        selection_mode="multi",
        key=f"library.tags.{'team' if is_team else 'shipped'}",
        label_visibility="collapsed",
    )
    _page(search(poses, text, tags), is_team=is_team)
    error = st.session_state.pop(_ERROR, "")
    if error:
        st.error(escape(error))
    selected = next((p for p in poses if p.id == st.session_state.get(_SELECTED)), None)
    if selected:
        _selected_pose(board, selected)


def _page(poses: tuple[PoseEntry, ...], *, is_team: bool) -> None:
    """The gallery, a page of it where there are many."""
    if not poses:
        st.caption(texts.NO_TEAM_POSE if is_team else texts.NO_SHIPPED_POSE)
        return
    pages = math.ceil(len(poses) / _PAGE)
    number = min(st.session_state.get(_PAGE_NUMBER, 1), pages)
    clicked = _gallery(
        poses[(number - 1) * _PAGE : number * _PAGE], st.session_state.get(_SELECTED, "")
    )
    if pages > 1:
        st.session_state[_PAGE_NUMBER] = number
        with st.container(horizontal=True, vertical_alignment="center"):
            st.pagination(pages, key=_PAGE_NUMBER)
            st.caption(texts.pose_count(len(poses)))
    if clicked:
        st.session_state[_SELECTED] = clicked
        st.session_state.pop(_TO_DELETE, None)
        st.rerun(scope="fragment")


def _gallery(poses: Iterable[PoseEntry], selected: str) -> str | None:
    """Small maps. Returns the id of the one that was clicked now."""
    items = [{"id": p.id, "name": p.name, "thumb": _thumbnail_url(p)} for p in poses]
    data = {"items": items, "chosen": selected}
    return mount("gallery", "library.gallery", data, on_pick_change=lambda: None).pick or None


def _thumbnail_url(pose: PoseEntry) -> str:
    stored = pose.saved.thumbnail if pose.saved else ""
    return f"data:image/webp;base64,{stored or _thumbnail(pose.skeleton.model_dump_json())}"


@st.cache_data(max_entries=2000, show_spinner=False)
def _thumbnail(pose: str) -> str:
    return b64encode(thumbnail(Skeleton.model_validate_json(pose))).decode()


def _selected_pose(board: Board, pose: PoseEntry) -> None:
    st.markdown(texts.headline(escape(pose.name), escape(_about(pose))))
    with st.container(horizontal=True, gap="small"):
        if st.button(
            texts.LOAD,
            type="primary",
            key="library.load",
            on_click=board.load,
            args=(pose.skeleton, pose.saved),
        ):
            st.rerun()
        if pose.saved:
            _team_buttons(pose, pose.saved)


def _team_buttons(pose: PoseEntry, saved: SavedPose) -> None:
    st.button(
        texts.DUPLICATE,
        key="library.copy",
        icon=":material/content_copy:",
        on_click=_duplicate,
        args=(pose,),
        disabled=not (may(Action.USE, saved.item) and may_create(Kind.POSE)),
    )
    if has_others() and may(Action.SHARE, saved.item):
        _share_menu(saved)
    if not may(Action.DELETE, saved.item):
        return
    if st.session_state.get(_TO_DELETE) != pose.id:
        st.button(
            common.DELETE,
            key="library.delete",
            icon=":material/delete:",
            type="tertiary",
            on_click=st.session_state.__setitem__,
            args=(_TO_DELETE, pose.id),
        )
        return
    st.button(common.KEEP, key="library.keep", on_click=st.session_state.pop, args=(_TO_DELETE,))
    st.button(texts.DELETE_FOR_TEAM, key="library.delete.yes", on_click=_delete, args=(pose,))


def _about(pose: PoseEntry) -> str:
    people, saved = len(pose.skeleton.people), pose.saved
    if saved is None:
        return texts.about_preset(people, pose.tags)
    about = texts.about_saved(people, pose.tags, title_of(saved.owner), date_time(saved.updated_at))
    if has_others() and saved.owner == user().name:
        return f"{about} · {sharing_texts.mark(saved.visibility, len(saved.shared_with))}"
    return about


def _share_menu(saved: SavedPose) -> None:
    """A dialog can't be opened from one."""
    stored = (saved.id, saved.visibility, saved.shared_with)
    if st.session_state.get(_SHARED) != stored:
        st.session_state[_SHARED] = stored
        fill_sharing(saved.visibility, saved.shared_with)
    with st.popover(sharing_texts.SHARE, icon=":material/share:", key="library.share"):
        sharing_fields()
        st.caption(sharing_texts.POSE_NOTE)
        st.button(sharing_texts.SAVE, key="library.share.save", on_click=_share, args=(saved.id,))


def _share(pose_id: str) -> None:
    try:
        studio().poses.share(user(), pose_id, *chosen_sharing())
    except ContrappostoError as error:
        st.session_state[_ERROR] = str(error)


def _duplicate(pose: PoseEntry) -> None:
    try:
        st.session_state[_SELECTED] = studio().poses.duplicate(user(), pose.id).id
    except ContrappostoError as error:
        st.session_state[_ERROR] = str(error)


def _delete(pose: PoseEntry) -> None:
    st.session_state.pop(_TO_DELETE, None)
    try:
        studio().poses.delete(user(), pose.id)
    except ContrappostoError as error:
        st.session_state[_ERROR] = str(error)
