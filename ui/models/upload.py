"""The upload of model files by path, and how far each has come."""

import streamlit as st

from core.errors import ContrappostoError, InvalidDraft
from core.models.uploads.queue import Upload, UploadStage
from formats.models.kinds import ModelKind
from ui.components import autosave_text
from ui.errors import attempt, messages_of
from ui.form.storage import form_storage
from ui.live import UPLOADS_SECONDS, poll_while
from ui.state import studio, user
from ui.texts.formatting import escape, file_size

_DETECT = "Detect from the file"
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
    _paths()
    for field, message in st.session_state.get(_PROBLEMS, {}).items():
        st.error(f"**{escape(field)}**  \n{escape(message)}" if field else escape(message))
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
    if _STORED not in state:
        state[_STORED] = (storage.file(user(), "models", "paths") or b"").decode()
    state.setdefault(_PATHS, state[_STORED])
    text = st.text_area(
        "Paths of model files",
        key=_PATHS,
        height=90,
        max_chars=_MAX_CHARACTERS,
        placeholder="/models/dreamer.safetensors\n/models/openpose.safetensors",
        help="Absolute paths on the machine the dashboard runs on, one on each line.",
    )
    autosave_text("models.typing", _PATHS)
    if text != state[_STORED]:
        state[_STORED] = text
        storage.keep_file(user(), "models", "paths", text.encode() or None)


def _start() -> None:
    state = st.session_state
    paths = state[_PATHS].splitlines()
    kind = None if state["models.kind"] == _DETECT else state["models.kind"]
    try:
        studio().uploads.start(user(), paths, kind, replace=state["models.replace"])
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
        st.error(escape(upload.message))


def _sentence(upload: Upload) -> str:
    """`dog.safetensors · uploading 120 MB of 2.1 GB, part 3 of 34`."""
    progress = file_size(upload.size)
    if upload.active:
        progress = f"{file_size(upload.done)} of {progress}"
    if upload.parts:
        progress += f", part {upload.parts_done} of {upload.parts}"
    if upload.parts_skipped:
        progress += f", {upload.parts_skipped} there already"
    name = escape(upload.name)
    return f"**{name}** · {upload.kind.label} · {upload.stage} {escape(progress)}"
