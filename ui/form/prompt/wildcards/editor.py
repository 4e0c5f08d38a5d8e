"""One wildcard file: its text, its visibility, its former versions, and the way to the trash."""

from functools import partial
from typing import Final

import streamlit as st

from core.errors import ContrappostoError
from core.prompts.service import WildcardFile, WildcardFormat
from core.team.permissions import Action, Item, Kind, Visibility
from formats.limits import MAX_NAME
from ui.components.sharing_fields import has_others
from ui.errors import attempt, messages_of, show_at, show_rest
from ui.state import may, session_value, studio, user
from ui.texts import formatting
from ui.texts.form import wildcards as texts

NEW: Final = "new"
"""Stands for a file that is yet to be written."""

DONE: Final = "wildcards.done"
"""What was done last, told once: a callback of a dialog may not write on the page."""

_FIELDS: Final = ("name", "text")
_OPEN: Final = "wildcards.open.file"
"""The id and revision of what the fields were filled with."""
_PROBLEMS: Final = "wildcards.problems"
_DELETED: Final = "wildcards.deleted"
_SHOWN_NAMES: Final = 6


def file_editor(file: WildcardFile | None) -> None:
    """A file as it is now, or a new one."""
    _fill(file)
    problems = session_value(_PROBLEMS, dict, {})
    item = file.item if file else Item(kind=Kind.WILDCARD, owner=user().name)
    may_change = file is None or may(Action.CHANGE, item)
    if file:
        shown = texts.names(list(file.names[:_SHOWN_NAMES]), len(file.names) - _SHOWN_NAMES)
        st.caption(formatting.escape(shown))
    _fields(problems, disabled=not may_change)
    show_rest(problems, *_FIELDS)
    if not may_change:
        st.caption(texts.ONLY_LOOK)
    with st.container(horizontal=True):
        if may_change:
            st.button(
                texts.SAVE, type="primary", key="wildcards.save", on_click=_save, args=(file,)
            )
        if file and may(Action.DELETE, item):
            st.button(
                texts.DELETE,
                icon=":material/delete:",
                key="wildcards.delete",
                on_click=attempt,
                args=(partial(_delete, file),),
            )
    if file:
        if has_others() and may(Action.SHARE, item):
            _sharing(file)
        _versions(file, may_change=may_change)


def undo_bar() -> None:
    """What was deleted last, with a button that brings it back."""
    deleted: dict[str, str] = session_value(_DELETED, dict, {})
    for file_id, name in deleted.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(formatting.escape(texts.deleted(name)), icon=":material/delete:")
            st.button(
                texts.UNDO,
                icon=":material/undo:",
                key="wildcards.undo",
                on_click=attempt,
                args=(partial(_undo, file_id),),
            )


def _fill(file: WildcardFile | None) -> None:
    """Put the file into the fields, once for each save of it."""
    opened = (file.id, file.revision) if file else (NEW, 0)
    if st.session_state.get(_OPEN) == opened and "wildcards.text" in st.session_state:
        return
    try:
        text = studio().prompts.wildcards.text(user(), file.id) if file else ""
    except ContrappostoError as error:
        text = ""
        st.warning(formatting.escape(str(error)))
    st.session_state["wildcards.name"] = file.name if file else ""
    st.session_state["wildcards.text"] = text
    st.session_state["wildcards.written"] = file.written if file else WildcardFormat.TXT
    st.session_state[_OPEN] = opened
    st.session_state[_PROBLEMS] = {}


def _fields(problems: dict[str, str], *, disabled: bool) -> None:
    name, written = st.columns([3, 2])
    with name:
        st.text_input(
            texts.NAME,
            key="wildcards.name",
            help=texts.NAME_HELP,
            max_chars=MAX_NAME,
            disabled=disabled,
        )
        show_at(problems, "name")
    with written:
        st.segmented_control(
            texts.FORMAT,
            list(WildcardFormat),
            key="wildcards.written",
            required=True,
            disabled=disabled,
            format_func=lambda one: one.value.upper(),
        )
    st.text_area(
        texts.TEXT, key="wildcards.text", help=texts.TEXT_HELP, height=260, disabled=disabled
    )
    show_at(problems, "text")


def _save(file: WildcardFile | None) -> None:
    files = studio().prompts.wildcards
    name, text = (session_value(f"wildcards.{field}", str, "") for field in _FIELDS)
    written = WildcardFormat(st.session_state["wildcards.written"])
    try:
        if file is None:
            kept = files.save(user(), name, text, written)
        else:
            kept = files.update(user(), file, name=name, text=text, written=written)
    except ContrappostoError as error:
        st.session_state[_PROBLEMS] = messages_of(error)
        return
    st.session_state[_PROBLEMS] = {}
    st.session_state["wildcards.chosen"] = kept.id
    st.session_state[DONE] = texts.saved(kept.name)


def _delete(file: WildcardFile) -> None:
    studio().prompts.wildcards.delete(user(), file.id)
    st.session_state[_DELETED] = {file.id: file.name}


def _undo(file_id: str) -> None:
    st.session_state.pop(_DELETED, None)
    studio().prompts.wildcards.restore(user(), file_id)
    st.session_state["wildcards.chosen"] = file_id


def _sharing(file: WildcardFile) -> None:
    is_shared = file.visibility is Visibility.TEAM
    st.toggle(
        texts.VISIBLE_TO_TEAM,
        value=is_shared,
        key=f"wildcards.team.{file.id}.{file.visibility}",
        on_change=attempt,
        args=(partial(_share, file, is_shared=not is_shared),),
    )


def _share(file: WildcardFile, *, is_shared: bool) -> None:
    visibility = Visibility.TEAM if is_shared else Visibility.PRIVATE
    studio().prompts.wildcards.share(user(), file.id, visibility, file.shared_with)


def _versions(file: WildcardFile, *, may_change: bool) -> None:
    if file.revision == 1:
        return
    panel = st.expander(
        texts.VERSIONS, icon=":material/history:", key="wildcards.versions", on_change="rerun"
    )
    if not panel.open:
        return
    with panel:
        for former in studio().prompts.wildcards.versions(user(), file.id):
            with st.container(horizontal=True, vertical_alignment="center"):
                when = formatting.date_time(former.updated_at)
                line = texts.version(former.revision, when, former.updated_by, former.values)
                st.caption(formatting.escape(line))
                st.button(
                    texts.RESTORE,
                    key=f"wildcards.restore.{former.revision}",
                    disabled=not may_change,
                    on_click=attempt,
                    args=(partial(_restore, file.id, former.revision),),
                )


def _restore(file_id: str, number: int) -> None:
    studio().prompts.wildcards.restore_version(user(), file_id, number)
