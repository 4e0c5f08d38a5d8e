"""The upload of model files by path, on the machine that the dashboard runs on."""

import streamlit as st

from core.errors import ContrappostoError, InvalidDraft
from formats.models.kinds import ModelKind
from ui.components import autosave_text
from ui.errors import messages_of
from ui.form.storage import form_storage
from ui.state import studio, user
from ui.texts.formatting import escape
from ui.texts.models import adding as texts

_PATHS = "models.paths"
_STORED = "models.paths.stored"
_PROBLEMS = "models.problems"
_MAX_CHARACTERS = 20_000


def path_import() -> None:
    """Paths on the dashboard's own machine, one a line, and what the files are."""
    _paths()
    for field, message in st.session_state.get(_PROBLEMS, {}).items():
        st.error(f"**{escape(field)}**  \n{escape(message)}" if field else escape(message))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            texts.KIND,
            [texts.DETECT_KIND, *ModelKind],
            key="models.kind",
            width=260,
            format_func=texts.kind,
        )
        st.checkbox(texts.REPLACE, key="models.replace", help=texts.REPLACE_HELP)
        st.button(
            texts.UPLOAD,
            type="primary",
            icon=":material/upload:",
            on_click=_start,
            shortcut="Mod+Enter",
        )


def _paths() -> None:
    """The box; what was typed into it is kept until it was uploaded, over a reload too."""
    state, storage = st.session_state, form_storage()
    if _STORED not in state:
        state[_STORED] = (storage.file(user(), "models", "paths") or b"").decode()
    state.setdefault(_PATHS, state[_STORED])
    text = st.text_area(
        texts.PATHS,
        key=_PATHS,
        height=90,
        max_chars=_MAX_CHARACTERS,
        placeholder=texts.PATHS_PLACEHOLDER,
        help=texts.PATHS_HELP,
    )
    autosave_text("models.typing", _PATHS)
    if text != state[_STORED]:
        state[_STORED] = text
        storage.keep_file(user(), "models", "paths", text.encode() or None)


def _start() -> None:
    state = st.session_state
    paths = state[_PATHS].splitlines()
    kind = None if state["models.kind"] == texts.DETECT_KIND else state["models.kind"]
    try:
        studio().uploads.start(user(), paths, kind, replace=state["models.replace"])
    except InvalidDraft as error:
        state[_PROBLEMS] = messages_of(error)
    except ContrappostoError as error:
        state[_PROBLEMS] = {"": str(error)}
    else:
        state[_PROBLEMS] = {}
        state[_PATHS] = ""
