"""The trash: what is in it and until when, a way back, and the way out for good."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import streamlit as st

from core.errors import ContrappostoError
from core.models.files import ModelFile
from core.models.metadata.records import TRASH_DAYS
from core.team.permissions import Action
from ui.components.question import answer_buttons
from ui.components.sharing_fields import title_of as person_title
from ui.errors import attempt
from ui.form.models.titles import title_of
from ui.state import may, studio, user
from ui.texts import common
from ui.texts.formatting import escape, file_size, local_time
from ui.texts.models import trash as texts

_UNDO: Final = "library.undo"
"""Keys and titles of what was put into the trash last."""


def move_to_trash(files: Sequence[ModelFile]) -> None:
    """From a callback: put files into the trash, and offer to undo that. Raises what one raises."""
    done: dict[str, str] = {}
    try:
        for file in files:
            studio().models.put_in_trash(user(), file.kind, file.name)
            done[file.key] = title_of(file)
    finally:
        if done:
            st.session_state[_UNDO] = done


def warn_of_uses(files: Sequence[ModelFile]) -> None:
    """What would miss the files: open jobs, and what people have typed in their forms."""
    try:
        uses = [studio().models.uses(user(), file.key) for file in files]
    except ContrappostoError as error:
        st.warning(escape(str(error)), icon=":material/schedule:")
        return
    told = texts.in_use(sum(use.open_jobs for use in uses), sum(use.forms for use in uses))
    if told:
        st.error(told, icon=":material/link:")


def undo_bar() -> None:
    """What went into the trash last, with a button that brings it back."""
    moved: dict[str, str] = st.session_state.get(_UNDO, {})
    if not moved:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="model-undo"):
        names = ", ".join(escape(name) for name in moved.values())
        st.info(texts.moved(names), icon=":material/delete:")
        st.button(
            texts.UNDO,
            icon=":material/undo:",
            type="primary",
            key="library.undo.yes",
            on_click=attempt,
            args=(_undo,),
        )
        st.button(
            texts.DISMISS,
            key="library.undo.no",
            on_click=lambda: st.session_state.pop(_UNDO, None),
        )


def _undo() -> None:
    for key in st.session_state.pop(_UNDO, {}):
        studio().models.restore(user(), key)


def trash() -> None:
    """A section of its own, where there is anything in it."""
    files = studio().models.trash(user())
    if not files:
        return
    size = file_size(sum(file.size for file in files))
    with st.expander(texts.title(len(files), size), icon=":material/delete:", key="model-trash"):
        st.caption(texts.ABOUT)
        for file in files:
            _entry(file)


def _entry(file: ModelFile) -> None:
    record = file.record
    until = (record.trashed or file.modified) + timedelta(days=TRASH_DAYS)
    who = escape(person_title(record.trashed_by)) if record.trashed_by else ""
    told = texts.entry(
        escape(title_of(file)),
        file.kind.label,
        file_size(file.size),
        who,
        f"{local_time(until):%Y-%m-%d}",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(told, width="stretch")
        if may(Action.DELETE, file.item):
            _ways(file)


def _ways(file: ModelFile) -> None:
    st.button(
        texts.RESTORE,
        icon=":material/restore_from_trash:",
        key=f"library.restore.{file.key}",
        on_click=attempt,
        args=(lambda: studio().models.restore(user(), file.key),),
    )
    if st.button(
        texts.DELETE_NOW,
        icon=":material/delete_forever:",
        type="tertiary",
        key=f"library.delete.{file.key}",
        help=texts.DELETE_HELP,
    ):
        _confirm(file)


@st.dialog(texts.QUESTION)
def _confirm(file: ModelFile) -> None:
    st.write(texts.deletion(escape(title_of(file))))
    answer_buttons(
        "library.delete", common.DELETE, lambda: studio().models.delete_now(user(), file.key)
    )
