"""The team's collections on the page Jobs: boards with a cover, and what selected jobs do there."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import streamlit as st

from core.errors import AwsError
from core.jobs.records import Job
from core.jobs.search.collections import MAX_TITLE, Collection
from core.jobs.search.query import JobFacet, JobQuery
from core.team.permissions import Action, Kind
from ui.components import mount
from ui.components.question import answer_buttons
from ui.errors import attempt, last_known
from ui.jobs.list.bulk_selection import clear_selection
from ui.jobs.search.view import chosen_collections, show_collection
from ui.state import may, may_create, session_value, studio, user
from ui.texts.formatting import escape
from ui.texts.jobs import search as texts

_NEW: Final = "jobs.board.new"
_KNOWN: Final = "jobs.board.titles"
_NO_COVER: Final = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' "
    "stroke='%23888'%3E%3Cpath d='M7 7h10v10H7zM10 4h10v10M4 10v10h10'/%3E%3C/svg%3E"
)


def collection_titles() -> Mapping[str, str]:
    """By id; where AWS is silent, as they were last known."""
    try:
        titles = {each.id: each.title for each in studio().collections.list(user())}
    except AwsError:
        return session_value(_KNOWN, dict, {})
    st.session_state[_KNOWN] = titles
    return titles


def board_of(query: JobQuery) -> Collection | None:
    """The collection that the list shows; None where it shows none or several."""
    ids = query.choices.get(JobFacet.COLLECTION, ())
    if len(ids) != 1 or ids[0] not in collection_titles():
        return None
    boards = last_known("jobs.boards", user().name, lambda: studio().collections.list(user()))
    return next((each for each in boards if each.id == ids[0]), None)


def collection_list() -> None:
    """An expander; what is in it is asked for once it is open."""
    panel = st.expander(
        texts.COLLECTIONS,
        icon=":material/collections_bookmark:",
        key="jobs.boards.open",
        on_change="rerun",
    )
    if panel.open:
        with panel:
            _boards()


def _boards() -> None:
    boards = last_known("jobs.boards", user().name, lambda: studio().collections.list(user()))
    if boards:
        chosen = _chosen_board(boards)
        if chosen:
            _board_editing(chosen)
    else:
        st.caption(texts.NO_COLLECTIONS)
    if may_create(Kind.COLLECTION):
        with st.form("jobs.board.form", border=False, clear_on_submit=True):
            title = st.text_input(texts.NEW_TITLE, key=_NEW, max_chars=MAX_TITLE)
            if st.form_submit_button(texts.CREATE, icon=":material/add:"):
                attempt(lambda: studio().collections.create(user(), title))
                st.rerun()


def _chosen_board(boards: Sequence[Collection]) -> Collection | None:
    """The gallery of covers; a click shows the jobs of one, or all again."""
    covers = last_known(
        "jobs.covers", tuple(boards), lambda: studio().search.covers(user(), boards)
    )
    shown = chosen_collections()
    chosen = shown[0] if len(shown) == 1 else ""
    items = [
        {"id": each.id, "name": each.title, "thumb": _thumbnail(covers.get(each.id))}
        for each in boards
    ]
    clicked = mount(
        "gallery",
        "jobs.boards",
        {"items": items, "chosen": chosen},
        on_pick_change=lambda: None,
    ).pick
    if clicked:
        show_collection("" if clicked == chosen else clicked)
        st.rerun()
    return next((each for each in boards if each.id == chosen), None)


def _thumbnail(cover: Job | None) -> str:
    if cover is None or not cover.image_count:
        return _NO_COVER
    return studio().urls(user()).thumbnail(cover.id, 0, cover.bucket)


def _board_editing(board: Collection) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{escape(board.title)}**", width="stretch")
        if may(Action.CHANGE, board.item):
            with st.popover(texts.RENAME, icon=":material/edit:", type="tertiary"):
                title = st.text_input(
                    texts.TITLE, board.title, max_chars=MAX_TITLE, key=f"jobs.board.{board.id}"
                )
                if st.button(texts.RENAME, key="jobs.board.rename"):
                    attempt(lambda: studio().collections.rename(user(), board.id, title))
                    st.rerun()
        if may(Action.DELETE, board.item) and st.button(
            texts.DELETE, icon=":material/delete:", key="jobs.board.delete", type="tertiary"
        ):
            _confirm_delete(board)


@st.dialog(texts.DELETE_QUESTION)
def _confirm_delete(board: Collection) -> None:
    st.write(texts.DELETION)

    def delete() -> None:
        studio().collections.delete(user(), board.id)
        show_collection("", at_once=True)

    answer_buttons("jobs.board.delete", texts.DELETE, delete)


def board_actions(query: JobQuery, shown: Sequence[Job], selected: Sequence[str]) -> None:
    """What the selected jobs can do on the collection that the list shows."""
    board = board_of(query)
    if board is None or not may(Action.CHANGE, board.item):
        return
    order = _order(board, shown)
    with st.container(horizontal=True, gap="small", key="board-actions"):
        _action(texts.MOVE_FIRST, "first", lambda: _place(board, _to_front(order, selected)))
        _action(texts.MOVE_EARLIER, "earlier", lambda: _place(board, _moved(order, selected, -1)))
        _action(texts.MOVE_LATER, "later", lambda: _place(board, _moved(order, selected, 1)))
        if len(selected) == 1:
            _action(
                texts.USE_AS_COVER,
                "cover",
                lambda: studio().collections.set_cover(user(), board.id, selected[0]),
            )
        _action(texts.REMOVE_FROM, "out", lambda: _take_out(board, selected))


def _action(label: str, name: str, act: Callable[[], object]) -> None:
    st.button(label, key=f"jobs.board.{name}", type="tertiary", on_click=attempt, args=(act,))


def _take_out(board: Collection, selected: Sequence[str]) -> None:
    for job_id in selected:
        studio().collections.remove(user(), board.id, job_id)
    clear_selection()


def _order(board: Collection, shown: Sequence[Job]) -> list[str]:
    """Of the jobs that have a place, and of those of this page."""
    return list(dict.fromkeys((*board.placed, *(job.id for job in shown))))


def _place(board: Collection, ids: Sequence[str]) -> None:
    studio().collections.place(user(), board.id, tuple(ids))


def _to_front(order: Sequence[str], selected: Sequence[str]) -> list[str]:
    return [*(i for i in order if i in selected), *(i for i in order if i not in selected)]


def _moved(order: Sequence[str], selected: Sequence[str], by: int) -> list[str]:
    """Each selected one changes places with its neighbour, unless that is selected too."""
    moved = list(order)
    for job_id in selected if by < 0 else reversed(selected):
        if job_id not in moved:
            continue
        at = moved.index(job_id)
        if 0 <= at + by < len(moved) and moved[at + by] not in selected:
            moved[at], moved[at + by] = moved[at + by], moved[at]
    return moved
