"""Draws the upload of model files by path, and how far each has come."""

import streamlit as st

from core.errors import ContrappostoError, InvalidDraft
from core.models.uploads.queue import Upload, UploadStage
from formats.models.kinds import ModelKind
from ui.components import autosave_text
from ui.errors import attempt, messages_of
from ui.form.storage import form_storage
from ui.live import UPLOADS_SECONDS, poll_while
from ui.state import studio, user
from ui.texts.formatting import plain, size

_DETECT = "Detect from the file"
_PATHS = "models.paths"
_KEPT = "models.paths.kept"
_PROBLEMS = "models.problems"
_MOST_CHARACTERS = 20_000
_MARKS = {
    UploadStage.DONE: ":green[:material/check:]",
    UploadStage.FAILED: ":red[:material/close:]",
    UploadStage.CANCELLED: ":material/block:",
}


def upload_form() -> None:
    """Paths on the dashboard's own machine, one a line, and what the files are."""
    _paths()
    for field, message in st.session_state.get(_PROBLEMS, {}).items():
        st.error(f"**{plain(field)}**  \n{plain(message)}" if field else plain(message))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Kind",
            [_DETECT, *ModelKind],
            key="models.kind",
            width=260,
            format_func=lambda kind: getattr(kind, "label", kind),
        )
        st.checkbox(
            "Replace files of the same name",
            key="models.replace",
            help="Without it, another file of the same name is refused.",
        )
        st.button(
            "Upload",
            type="primary",
            icon=":material/upload:",
            on_click=_start,
            shortcut="Mod+Enter",
        )


def _paths() -> None:
    """The box; what was typed into it is kept until it was uploaded, over a reload too."""
    state, storage = st.session_state, form_storage()
    if _KEPT not in state:
        state[_KEPT] = (storage.file(user(), "models", "paths") or b"").decode()
    state.setdefault(_PATHS, state[_KEPT])
    typed = st.text_area(
        "Paths of model files",
        key=_PATHS,
        height=90,
        max_chars=_MOST_CHARACTERS,
        placeholder="/models/dreamer.safetensors\n/models/openpose.safetensors",
        help="Absolute paths on the machine the dashboard runs on, one on each line.",
    )
    autosave_text("models.typing", _PATHS)
    if typed != state[_KEPT]:
        state[_KEPT] = typed
        storage.keep_file(user(), "models", "paths", typed.encode() or None)


def _start() -> None:
    state = st.session_state
    kind = state["models.kind"]
    paths = state[_PATHS].splitlines()
    chosen = None if kind == _DETECT else kind
    try:
        studio().uploads.start(user(), paths, chosen, replace=state["models.replace"])
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
            "Clear finished uploads",
            type="tertiary",
            icon=":material/clear_all:",
            on_click=studio().uploads.clear,
            args=(user(),),
        )


def _upload(upload: Upload) -> None:
    if not upload.active:
        st.caption(f"{_MARKS[upload.stage]} {_sentence(upload)}")
    else:
        with st.container(horizontal=True, vertical_alignment="center", key=f"upload-{upload.id}"):
            st.progress(upload.fraction, text=_sentence(upload))
            st.button(
                "Stop",
                icon=":material/close:",
                key=f"stop.{upload.id}",
                help="Stop this upload",
                on_click=attempt,
                args=(lambda: studio().uploads.cancel(user(), upload.id),),
            )
    if upload.stage is UploadStage.FAILED:
        st.error(plain(upload.message))


def _sentence(upload: Upload) -> str:
    """`dog.safetensors · uploading 120 MB of 2.1 GB, part 3 of 34`."""
    much = f"{size(upload.done)} of {size(upload.size)}" if upload.active else size(upload.size)
    parts = ""
    if upload.parts:
        parts = f", part {upload.parts_done} of {upload.parts}"
    if upload.parts_skipped:
        parts += f", {upload.parts_skipped} there already"
    return f"**{plain(upload.name)}** · {upload.kind.label} · {upload.stage} {plain(much + parts)}"
