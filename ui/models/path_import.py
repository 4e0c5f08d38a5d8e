"""The upload of model files by path, on the machine that the dashboard runs on."""

import streamlit as st

from core.errors import ContrappostoError
from ui.components import autosave_text
from ui.form.storage import form_storage
from ui.models.starting import begin, chosen_kind, kind_select, tell_problems, tell_skipped
from ui.state import studio, user
from ui.texts.models import adding as texts

_PATHS = "models.paths"
_STORED = "models.paths.stored"
_MAX_CHARACTERS = 20_000


def path_import() -> None:
    """Paths on the dashboard's own machine, one a line, and what the files are."""
    _paths()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind_select("models.kind")
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
    kind = chosen_kind("models.kind")
    try:
        found = studio().uploads.look_at_paths(user(), state[_PATHS].splitlines(), kind)
        begin(found.files)
    except ContrappostoError as error:
        tell_problems(error)
    else:
        tell_problems(None)
        tell_skipped([(each.path, each.reason) for each in found.skipped])
        state[_PATHS] = ""
