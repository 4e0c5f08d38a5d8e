"""Begins uploads of any source; where a name is taken, asks before anything is sent."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Any, Final

import streamlit as st

from core.errors import ContrappostoError
from core.models.files import ModelFile
from core.models.uploads.planning.new_upload import NewUpload
from formats.models.kinds import ModelKind
from ui.errors import attempt, messages_of
from ui.state import session_value, studio, user
from ui.texts.formatting import escape, file_size
from ui.texts.models import adding as texts

_WAITING: Final = "models.waiting"
"""What shall be uploaded once the questions are answered."""
_PROBLEMS: Final = "models.problems"
_SKIPPED: Final = "models.skipped"


def begin(uploads: Sequence[NewUpload]) -> None:
    """From a callback: start them all, or ask about those whose names are taken.

    A file as large as the one of its name is taken for the same: then nothing is sent. Raises what
    the queue raises.
    """
    if any(_taken(upload) for upload in uploads):
        st.session_state[_WAITING] = tuple(uploads)
    else:
        studio().uploads.start(user(), uploads)


def kind_select(key: str) -> None:
    """What the files are, or that each says so itself."""
    st.selectbox(
        texts.KIND, [texts.DETECT_KIND, *ModelKind], key=key, width=260, format_func=texts.kind
    )


def chosen_kind(key: str) -> ModelKind | None:
    """What `kind_select` has; None where each file says so itself."""
    chosen = st.session_state[key]
    return chosen if isinstance(chosen, ModelKind) else None


def tell_problems(error: ContrappostoError | None) -> None:
    """From a callback: show what was wrong with each source; None forgets it."""
    st.session_state[_PROBLEMS] = messages_of(error) if error else {}


def tell_skipped(skipped: Sequence[tuple[str, str]]) -> None:
    """From a callback: show which files of a folder were left out, and why."""
    st.session_state[_SKIPPED] = tuple(skipped)


def show_problems() -> None:
    """What was wrong at the last try, and what was left out."""
    for field, message in session_value(_PROBLEMS, dict, {}).items():
        st.error(f"**{escape(field)}**  \n{escape(message)}" if field else escape(message))
    skipped = session_value(_SKIPPED, tuple, ())
    if skipped:
        with st.expander(texts.skipped(len(skipped)), icon=":material/info:"):
            st.markdown(
                "\n".join(texts.skipped_file(escape(path), escape(why)) for path, why in skipped)
            )


def questions() -> None:
    """For each taken name: replace the file, keep both, or leave this one out."""
    waiting = session_value(_WAITING, tuple, ())
    if not waiting:
        return
    with st.container(border=True, key="models-questions"):
        st.markdown(f"**{texts.TAKEN_TITLE}**")
        for number, upload in enumerate(waiting):
            if there := _taken(upload):
                _question(number, upload, there)
        with st.container(horizontal=True):
            st.button(
                texts.CONTINUE,
                type="primary",
                key="models.questions.yes",
                on_click=attempt,
                args=(lambda: _answer(waiting),),
            )
            st.button(
                texts.CANCEL_ALL,
                key="models.questions.no",
                on_click=lambda: st.session_state.pop(_WAITING, None),
            )


def _question(number: int, upload: NewUpload, there: ModelFile) -> None:
    name = upload.name or ""
    st.markdown(
        texts.taken(
            escape(name),
            there.kind.label,
            file_size(upload.size) if upload.size else "",
            file_size(there.size),
            is_trashed=there.is_trashed,
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        answer = st.segmented_control(
            texts.TAKEN_TITLE,
            list(texts.ANSWERS),
            key=f"models.answer.{number}",
            default=texts.KEEP_BOTH,
            required=True,
            label_visibility="collapsed",
        )
        if answer == texts.KEEP_BOTH:
            st.text_input(
                texts.NEW_NAME,
                _other_name(there.kind, name),
                key=f"models.answer.name.{number}",
                label_visibility="collapsed",
            )


def _answer(waiting: Sequence[NewUpload]) -> None:
    studio().uploads.start(user(), list(_answered(waiting)))
    st.session_state.pop(_WAITING, None)


def _answered(waiting: Sequence[NewUpload]) -> Iterator[NewUpload]:
    for number, upload in enumerate(waiting):
        answer = st.session_state.get(f"models.answer.{number}") if _taken(upload) else None
        changes: dict[str, Any] = {}
        if answer == texts.REPLACE:
            changes = {"replace": True}
        elif answer == texts.KEEP_BOTH:
            changes = {"name": st.session_state[f"models.answer.name.{number}"].strip()}
        if answer != texts.SKIP:
            yield upload.model_copy(update=changes)


def _taken(upload: NewUpload) -> ModelFile | None:
    """The other file that has the name, in the trash or not."""
    if upload.replace or upload.kind is None or not upload.name:
        return None
    there = studio().models.find_any(upload.kind, upload.name)
    is_same = there is not None and there.size == upload.size and not there.is_trashed
    return None if is_same else there


def _other_name(kind: ModelKind, name: str) -> str:
    """The name with the first number behind it that is free."""
    path, number = PurePath(name), 2
    while studio().models.find_any(kind, f"{path.stem}-{number}{path.suffix}"):
        number += 1
    return f"{path.stem}-{number}{path.suffix}"
