"""The dialog of the team's wildcard files: add many, and choose one to edit."""

import streamlit as st

from core.errors import AwsError
from core.prompts.service import WildcardFile
from core.team.permissions import Kind, Visibility
from formats.limits import MAX_WILDCARD_BYTES
from ui.components.sharing_fields import has_others
from ui.errors import attempt, show_notice
from ui.form.prompt.wildcards.editor import DONE, NEW, file_editor, undo_bar
from ui.form.prompt.wildcards.trash import trash
from ui.form.state import Form
from ui.state import may_create, session_value, studio, user
from ui.texts import formatting
from ui.texts.form import wildcards as texts

_CHOSEN = "wildcards.chosen"
_ROUND = "wildcards.round"
"""Counts the uploads: a new uploader is empty."""


def library_button(form: Form) -> None:
    """Opens the library; always in its place."""
    if st.button(
        texts.LIBRARY,
        icon=":material/playing_cards:",
        type="tertiary",
        key=form.key("wildcards.open"),
        help=texts.LIBRARY_HELP,
    ):
        _library()


@st.dialog(texts.LIBRARY, width="large", on_dismiss="rerun")
def _library() -> None:
    show_notice()
    if done := st.session_state.pop(DONE, ""):
        st.toast(formatting.escape(done), icon=":material/check:")
    try:
        files = studio().prompts.wildcards.list(user())
    except AwsError as error:
        st.warning(formatting.escape(str(error)))
        return
    undo_bar()
    mine = may_create(Kind.WILDCARD)
    if mine:
        _uploads()
    if not files:
        st.caption(texts.NO_FILES)
    chosen = _choice(files, with_new=mine)
    if chosen == NEW:
        file_editor(None)
    elif chosen:
        file_editor(next(file for file in files if file.id == chosen))
    trash()


def _choice(files: tuple[WildcardFile, ...], *, with_new: bool) -> str:
    names = {file.id: f"{file.name} ({texts.values(file.values)})" for file in files}
    options = [*names, *([NEW] if with_new else [])]
    if st.session_state.get(_CHOSEN) not in options:
        st.session_state[_CHOSEN] = options[0] if options else None
    st.selectbox(
        texts.FILE,
        options,
        key=_CHOSEN,
        format_func=lambda each: names.get(each, texts.NEW_FILE),
    )
    return st.session_state[_CHOSEN] or ""


def _uploads() -> None:
    with st.expander(texts.UPLOAD, icon=":material/upload:"):
        number = session_value(_ROUND, int, 0)
        st.file_uploader(
            texts.UPLOAD_FILES,
            type=["txt", "yaml", "yml", "json"],
            accept_multiple_files=True,
            max_upload_size=MAX_WILDCARD_BYTES // 2**20,
            key=f"wildcards.files.{number}",
        )
        st.text_input(texts.FOLDER, key="wildcards.folder", help=texts.FOLDER_HELP)
        if has_others():
            st.toggle(texts.VISIBLE_TO_TEAM, value=True, key="wildcards.shared")
        st.button(
            texts.KEEP_FILES,
            key="wildcards.keep",
            on_click=attempt,
            args=(_upload,),
            type="primary",
        )
        for message in session_value("wildcards.refused", list, []):
            st.error(formatting.escape(message))


def _upload() -> None:
    number = session_value(_ROUND, int, 0)
    files = st.session_state.get(f"wildcards.files.{number}") or []
    is_shared = session_value("wildcards.shared", bool, default=True)
    done = studio().prompts.wildcards.upload(
        user(),
        [(file.name, file.getvalue()) for file in files],
        session_value("wildcards.folder", str, ""),
        Visibility.TEAM if is_shared else Visibility.PRIVATE,
    )
    kept = [each.file for each in done if each.file]
    st.session_state["wildcards.refused"] = [
        texts.not_added(each.name, each.problem) for each in done if not each.file
    ]
    st.session_state[_ROUND] = number + 1
    if kept:
        st.session_state[_CHOSEN] = kept[-1].id
        st.session_state[DONE] = texts.added(len(kept))
