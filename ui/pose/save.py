"""How a pose leaves the editor: saved for the team, new or over the one loaded, or as a file."""

from collections.abc import Callable
from functools import partial
from typing import Final

import streamlit as st

from core.errors import ContrappostoError
from core.poses.files import export_fkunn1326, export_json, export_json_list, export_png
from core.poses.records import SavedPose
from core.team.permissions import Action, Kind, Visibility
from formats.openpose.skeleton import Skeleton
from ui.components.sharing_fields import has_others
from ui.errors import messages_of, show_at
from ui.pose.board import Board, current_pose
from ui.state import may, may_create, session_value, studio, user
from ui.texts.formatting import escape
from ui.texts.pose import studio as texts
from ui.texts.team import sharing as sharing_texts

_NAME: Final = "saved.name"
_TAGS: Final = "saved.tags"
_VERSION: Final = "saved.version"
_PROBLEMS: Final = "saved.problems"
_MESSAGE: Final = "saved.message"

_FORMATS: Final[dict[str, tuple[str, str, Callable[[Skeleton], str | bytes]]]] = {
    texts.EXPORT_JSON: ("pose.json", "application/json", export_json),
    texts.EXPORT_JSON_LIST: ("pose-list.json", "application/json", export_json_list),
    texts.EXPORT_FKUNN1326: ("pose-fkunn1326.json", "application/json", export_fkunn1326),
    texts.EXPORT_MAP: ("pose.png", "image/png", export_png),
}

_PRIVATE: Final = "pose.private"

Write = Callable[[str, list[str], Skeleton], SavedPose]


def pose_save(board: Board) -> None:
    """Name, tags, and the two buttons."""
    _reset_boxes(board)
    state, saved = st.session_state, board.saved
    problems = session_value(board.key(_PROBLEMS), dict, {})
    with st.popover(texts.SAVE, icon=":material/bookmark_add:", width="stretch"):
        st.text_input(texts.NAME, key=board.key(_NAME))
        show_at(problems, "name")
        st.text_input(texts.TAGS, key=board.key(_TAGS))
        show_at(problems, "tags", "skeleton", "")
        if has_others():
            st.checkbox(
                sharing_texts.PRIVATE_POSE, key=_PRIVATE, help=sharing_texts.PRIVATE_POSE_HELP
            )
        if saved and may(Action.CHANGE, saved.item):
            st.button(
                texts.SAVE_CHANGES,
                key=board.key("saved.update"),
                type="primary",
                width="stretch",
                help=texts.overwrite_help(escape(saved.name)),
                on_click=_save,
                args=(board, _update_of(saved)),
            )
        st.button(
            texts.SAVE_AS_NEW,
            key=board.key("saved.new"),
            width="stretch",
            on_click=_save,
            args=(board, _save_new),
            disabled=not may_create(Kind.POSE),
        )
    if "" in problems:
        st.error(escape(problems[""]))
    elif state.get(board.key(_MESSAGE)):
        st.caption(state[board.key(_MESSAGE)])


def _reset_boxes(board: Board) -> None:
    """Fill name and tags where another pose was loaded, or the page was left meanwhile."""
    state = st.session_state
    is_other = state.get(board.key(_VERSION)) != board.version
    if is_other or board.key(_NAME) not in state:
        _fill_boxes(board)
    if is_other:
        state[board.key(_VERSION)] = board.version
        state[board.key(_PROBLEMS)] = {}
        state[board.key(_MESSAGE)] = ""


def _fill_boxes(board: Board) -> None:
    """Name and tags of the team's pose; empty for one of another origin."""
    state, saved = st.session_state, board.saved
    state[board.key(_NAME)] = saved.name if saved else ""
    state[board.key(_TAGS)] = ", ".join(saved.tags) if saved else ""


def _save_new(name: str, tags: list[str], pose: Skeleton) -> SavedPose:
    is_private = session_value(_PRIVATE, bool, False)
    visibility = Visibility.PRIVATE if is_private else Visibility.TEAM
    return studio().poses.save(user(), name, tags, pose, visibility)


def _update_of(saved: SavedPose) -> Write:
    def write(name: str, tags: list[str], pose: Skeleton) -> SavedPose:
        changes = {"name": name, "tags": tuple(tags), "skeleton": pose}
        return studio().poses.update(user(), saved.model_copy(update=changes))

    return write


def _save(board: Board, write: Write) -> None:
    state = st.session_state
    tags = state[board.key(_TAGS)].split(",")
    try:
        saved = write(state[board.key(_NAME)], tags, current_pose(board))
    except ContrappostoError as error:
        state[board.key(_PROBLEMS)] = messages_of(error)
        state[board.key(_MESSAGE)] = ""
        return
    board.put(saved=saved)
    _fill_boxes(board)
    state[board.key(_PROBLEMS)] = {}
    state[board.key(_MESSAGE)] = texts.saved(escape(saved.name))


def pose_export(board: Board, pose: Skeleton) -> None:
    """A button for each file format; the file is made when it is asked for."""
    with st.popover(texts.EXPORT, icon=":material/download:", width="stretch"):
        for label, (file, mime, write) in _FORMATS.items():
            st.download_button(
                label,
                partial(write, pose),
                file_name=file,
                mime=mime,
                key=board.key(f"export.{file}"),
                on_click="ignore",
                width="stretch",
            )
        st.caption(texts.EXPORT_HINT)
