"""The upload of model files by path, and how far each has come."""

import streamlit as st

from core.errors import ContrappostoError, InvalidDraft
from core.models.uploads.records import Upload, UploadStage
from core.team.permissions import Action, Kind
from formats.models.kinds import ModelKind
from ui.components import autosave_text
from ui.errors import attempt, messages_of
from ui.form.storage import form_storage
from ui.polling import UPLOADS_SECONDS, poll_while
from ui.state import may, may_create, studio, user
from ui.texts.formatting import escape
from ui.texts.models import library as texts

_PATHS = "models.paths"
_STORED = "models.paths.stored"
_PROBLEMS = "models.problems"
_MAX_CHARACTERS = 20_000
_MARKS = {
    UploadStage.DONE: ":green[:material/check:]",
    UploadStage.FAILED: ":red[:material/close:]",
    UploadStage.CANCELLED: ":material/block:",
}


def upload_form() -> None:
    """Paths on the dashboard's own machine, one a line, and what the files are."""
    if not may_create(Kind.MODEL):
        st.caption(texts.ARTISTS_ONLY)
        return
    _paths()
    for field, message in st.session_state.get(_PROBLEMS, {}).items():
        st.error(f"**{escape(field)}**  \n{escape(message)}" if field else escape(message))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            texts.KIND,
            [texts.DETECT_KIND, *ModelKind],
            key="models.kind",
            width=260,
            format_func=lambda kind: getattr(kind, "label", kind),
        )
        st.checkbox(
            texts.REPLACE,
            key="models.replace",
            help=texts.REPLACE_HELP,
        )
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
        studio().uploads.start_paths(user(), paths, kind, replace=state["models.replace"])
    except InvalidDraft as error:
        state[_PROBLEMS] = messages_of(error)
    except ContrappostoError as error:
        state[_PROBLEMS] = {"": str(error)}
    else:
        state[_PROBLEMS] = {}
        state[_PATHS] = ""


def _is_any_active() -> bool:
    return any(upload.active for upload in studio().uploads.list(user()))


@poll_while(_is_any_active, every=UPLOADS_SECONDS)
def upload_list() -> None:
    """The uploads since the dashboard started, and how far each has come."""
    uploads = studio().uploads.list(user())
    for upload in uploads:
        _upload(upload)
    if uploads and not any(upload.active for upload in uploads):
        st.button(
            texts.CLEAR_UPLOADS,
            type="tertiary",
            icon=":material/clear_all:",
            on_click=studio().uploads.clear,
            args=(user(),),
        )


def _upload(upload: Upload) -> None:
    if not upload.active:
        st.caption(f"{_MARKS[upload.stage]} {texts.upload_progress(upload)}")
    else:
        with st.container(horizontal=True, vertical_alignment="center", key=f"upload-{upload.id}"):
            st.progress(upload.fraction, text=texts.upload_progress(upload))
            st.button(
                texts.STOP,
                icon=":material/close:",
                key=f"stop.{upload.id}",
                help=texts.STOP_HELP,
                on_click=attempt,
                args=(lambda: studio().uploads.cancel(user(), upload.id),),
                disabled=not may(Action.CHANGE, upload.item),
            )
    if upload.stage is UploadStage.FAILED:
        st.error(escape(upload.message))
