"""Takes images and texts that are dropped, pasted or chosen on a page with a form."""

from typing import Any, Final

import streamlit as st

from formats.generation.infotext import MAX_INFOTEXT
from formats.limits import MAX_IMAGE_BYTES
from ui.components import mount
from ui.form.filling.changes import undo_line
from ui.form.filling.infotext_dialog import infotext_dialog, is_open, show_sources
from ui.form.filling.infotext_sources import MOST, InfotextSource, of_files, of_text
from ui.form.state import Form
from ui.state import session_value
from ui.texts.form import infotext as texts
from ui.texts.formatting import escape

_DROP: Final = "infotext-drop"
_FILES: Final = "infotext-files"


def infotext_drop(form: Form) -> None:
    """The button for the keyboard, what listens to the whole page, and the dialog while it is
    open."""
    with st.container(horizontal=True, key=form.key("infotext-line")):
        st.button(
            texts.READ,
            icon=":material/file_open:",
            key=form.key("infotext.read"),
            type="tertiary",
            help=texts.READ_HELP,
            on_click=show_sources,
            args=(form, ()),
        )
        _hidden_field(form)
        _listener(form)
    undo_line(form)
    if is_open(form):
        infotext_dialog(form)


def _hidden_field(form: Form) -> None:
    """A new one after each use, so that the same file can be dropped again."""
    key = form.key(f"infotext.files.{_serial(form)}")
    with st.container(key=form.key(_FILES)):
        st.file_uploader(
            texts.FILES,
            accept_multiple_files=True,
            key=key,
            on_change=_take_files,
            args=(form, key),
        )


def _serial(form: Form) -> int:
    return session_value(form.key("infotext.serial"), int, 0)


def _take_files(form: Form, key: str) -> None:
    files = st.session_state.get(key)
    if files:
        st.session_state[form.key("infotext.serial")] = _serial(form) + 1
        show_sources(form, of_files(files))


def _listener(form: Form) -> None:
    key = form.key(_DROP)
    container = form.key(_FILES).replace(".", "-")
    data: dict[str, Any] = {
        "upload": f".st-key-{container} input[type=file]",
        "bytes": MAX_IMAGE_BYTES,
        "characters": MAX_INFOTEXT,
        "most": MOST,
        "texts": {"drop": texts.DROP},
    }
    mount(
        "form/infotext_drop",
        key,
        data,
        height=0,
        on_text_change=lambda: _take_text(form, key),
        on_refused_change=lambda: _refuse(form, key),
    )


def _take_text(form: Form, key: str) -> None:
    text = st.session_state[key].get("text")
    if isinstance(text, str) and text:
        show_sources(form, (of_text(text),))


def _refuse(form: Form, key: str) -> None:
    names = st.session_state[key].get("refused")
    if isinstance(names, list) and names:
        told = texts.refused(", ".join(escape(str(name)) for name in names[:MOST]))
        show_sources(form, (InfotextSource(texts.FILES, problem=told),))
