"""The bar over the jobs that are selected: what can be done with all of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

import streamlit as st

from core.jobs.bulk.outcome import BulkOutcome
from core.jobs.bulk.service import MAX_BULK
from ui.components import mount
from ui.components.question import answer_buttons
from ui.errors import attempt
from ui.jobs.bulk.outcome import require_all
from ui.jobs.bulk.tags import ask_for_tags
from ui.jobs.trash.moving import delete_for_good, move_to_trash, restore
from ui.routes.archives import FIELD, archive_url
from ui.state import one_click, request_rerun, studio, user
from ui.texts import common
from ui.texts.jobs import bulk as texts
from ui.texts.jobs import trash as trash_texts

_KEY: Final = "jobs.bulk"


class ListQuery(Protocol):
    """What the list shows, as far as it matters here."""

    @property
    def in_trash(self) -> bool:
        """Whether these are the jobs in the trash."""
        ...


def bulk_bar(
    selected: Sequence[str], query: ListQuery, on_done: Callable[[], object] = lambda: None
) -> None:
    """Nothing where none is selected. The service checks each job by itself, and tells what was
    not done; `on_done` is called once something was."""
    if not selected:
        return
    with st.container(
        horizontal=True, gap="small", vertical_alignment="center", key="jobs-bulk", border=True
    ):
        st.caption(texts.selected(len(selected)), width="content")
        if len(selected) > MAX_BULK:
            st.warning(texts.too_many(len(selected), MAX_BULK))
            return
        bar = _Bar(tuple(selected), on_done)
        bar.trash_actions() if query.in_trash else bar.actions()


@dataclass(frozen=True)
class _Bar:
    """The buttons for some jobs."""

    selected: tuple[str, ...]
    on_done: Callable[[], object]

    def trash_actions(self) -> None:
        """Of jobs in the trash."""
        icon = ":material/restore_from_trash:"
        self._button("restore", trash_texts.RESTORE, icon, lambda: restore(self.selected))
        if _asks("delete", trash_texts.DELETE_FOR_GOOD, ":material/delete_forever:"):
            _confirm_delete(self)

    def actions(self) -> None:
        """Of all others."""
        _download(self.selected)
        if _asks("tags", texts.TAGS, ":material/sell:"):
            ask_for_tags(self.selected, self.on_done)
        if studio().bulk.collections and _asks(
            "collect", texts.COLLECT, ":material/collections_bookmark:"
        ):
            _collect(self)
        self._button("retry", texts.RETRY, ":material/replay:", lambda: _retry(self.selected))
        if _asks("cancel", texts.CANCEL, ":material/stop_circle:"):
            _confirm_cancel(self)
        icon = ":material/delete:"
        self._button("trash", trash_texts.TRASH, icon, lambda: move_to_trash(self.selected))

    def act(self, action: Callable[[], object]) -> None:
        """From a callback: the selection is used, whatever came of it. Raises what it raises."""
        self.on_done()
        action()

    def _button(self, name: str, label: str, icon: str, action: Callable[[], object]) -> None:
        key = f"{_KEY}.{name}"
        st.button(label, icon=icon, key=key, on_click=attempt, args=(lambda: self.act(action),))


def _asks(name: str, label: str, icon: str) -> bool:
    """A button that opens a question."""
    return st.button(label, icon=icon, key=f"{_KEY}.{name}")


def _download(selected: Sequence[str]) -> None:
    data = {
        "url": archive_url(studio(), user()),
        "field": FIELD,
        "jobs": list(selected),
        "label": texts.ZIP,
        "help": texts.ZIP_HELP,
    }
    mount("jobs/archive_form", f"{_KEY}.zip", data, width="content")


def _retry(selected: Sequence[str]) -> None:
    with one_click(f"{_KEY}.retry", " ".join(selected)) as click:
        outcome = studio().bulk.retry(user(), selected, click)
    _done(outcome)


def _done(outcome: BulkOutcome) -> None:
    """From a callback: the list shows it, and what was not done is told."""
    request_rerun()
    if outcome.done:
        st.toast(texts.done(len(outcome.done)), icon=":material/check:")
    require_all(outcome)


@st.dialog(texts.CANCEL_QUESTION)
def _confirm_cancel(bar: _Bar) -> None:
    st.write(texts.cancel(len(bar.selected)))
    cancel = studio().bulk.cancel
    _answers(bar, "cancel", texts.CANCEL, lambda: _done(cancel(user(), bar.selected)))


@st.dialog(trash_texts.DELETE_QUESTION)
def _confirm_delete(bar: _Bar) -> None:
    st.write(trash_texts.deletion(len(bar.selected)))
    _answers(bar, "delete", common.DELETE, lambda: delete_for_good(bar.selected))


@st.dialog(texts.COLLECT)
def _collect(bar: _Bar) -> None:
    collections, collect = studio().bulk.collections, studio().bulk.collect
    titles = collections.titles(user()) if collections else {}
    chosen = st.selectbox(
        texts.COLLECTION,
        list(titles),
        format_func=lambda each: titles.get(each, each),
        key=f"{_KEY}.collection",
    )
    if chosen:
        act = partial(collect, user(), bar.selected, chosen)
        _answers(bar, "collect", texts.ADD, lambda: _done(act()))


def _answers(bar: _Bar, name: str, yes: str, action: Callable[[], object]) -> None:
    answer_buttons(f"{_KEY}.{name}", yes, lambda: bar.act(action))
