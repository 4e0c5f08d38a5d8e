"""Styles from files and to a file; what an import does is shown before it is done."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from core.errors import ContrappostoError
from core.prompts.service import ImportPlan, ImportState, OnChanged, StyleFile, TeamStyle
from core.team.permissions import Kind
from formats.prompts.styles_csv import write_styles
from ui.errors import messages_of
from ui.state import may_create, session_value, studio, user
from ui.texts.form import style_library as texts
from ui.texts.formatting import escape

_UPLOADS: Final = "styles.uploads"
"""How many imports were done: another uploader is an empty one."""
_ON_CHANGED: Final = "styles.on_changed"
_DONE: Final = "styles.imported"
_ROW: Final = 35
_MOST_HIGH: Final = 280
"""CSS pixels."""
_PROBLEM: Final = "styles.import.problem"


def export_button(found: Sequence[TeamStyle]) -> None:
    """The styles of the list as A1111's file."""
    if found:
        st.download_button(
            texts.EXPORT,
            lambda: write_styles(each.style for each in found),
            "styles.csv",
            "text/csv",
            icon=":material/download:",
            key="styles.export",
            help=texts.EXPORT_HELP,
            on_click="ignore",
        )


def import_section(*, is_empty: bool) -> None:
    """An uploader, what its files would do, and the button; open where there are no styles yet."""
    if not may_create(Kind.STYLE):
        return
    with st.expander(
        texts.IMPORT, expanded=is_empty, icon=":material/upload_file:", key="styles-import"
    ):
        files = _files()
        if problem := st.session_state.pop(_PROBLEM, ""):
            st.error(escape(problem))
        if files:
            _planned(files)
    if done := st.session_state.pop(_DONE, ""):
        st.toast(done, icon=":material/check:")


def _files() -> tuple[StyleFile, ...]:
    given = st.file_uploader(
        texts.FILES, type=["csv", "json"], accept_multiple_files=True, key=_uploader()
    )
    return tuple(StyleFile(file.name, file.getvalue()) for file in given)


def _uploader() -> str:
    return f"styles.files.{session_value(_UPLOADS, int, 0)}"


def _planned(files: Sequence[StyleFile]) -> None:
    try:
        plan = studio().prompts.style_import.plan(user(), files)
    except ContrappostoError as error:
        st.error(escape(str(error)))
        return
    for problem in plan.problems:
        st.warning(escape(problem), icon=":material/report:")
    counts = {state: len(plan.of(state)) for state in ImportState}
    st.markdown(
        texts.plan(counts[ImportState.NEW], counts[ImportState.SAME], counts[ImportState.CHANGED])
    )
    _table(plan)
    if counts[ImportState.CHANGED]:
        st.radio(texts.ON_CHANGED, list(OnChanged), key=_ON_CHANGED, format_func=str)
    asked = counts[ImportState.NEW]
    if session_value(_ON_CHANGED, OnChanged, OnChanged.LEAVE) is not OnChanged.LEAVE:
        asked += counts[ImportState.CHANGED]
    st.button(
        texts.import_it(asked),
        type="primary",
        key="styles.import.yes",
        disabled=not asked,
        on_click=_import,
        args=(tuple(files),),
    )


def _table(plan: ImportPlan) -> None:
    """New and changed ones; what is the same needs no look."""
    rows = [
        {
            texts.NAME: entry.style.name,
            texts.PLANNED_STATE: entry.state.value,
            texts.PLANNED_NEW: entry.style.prompt,
            texts.PLANNED_OLD: entry.known.prompt if entry.known else "",
        }
        for entry in plan.entries
        if entry.state is not ImportState.SAME
    ]
    if rows:
        st.dataframe(rows, hide_index=True, height=min(_ROW * (len(rows) + 1) + 2, _MOST_HIGH))


def _import(files: Sequence[StyleFile]) -> None:
    on_changed = session_value(_ON_CHANGED, OnChanged, OnChanged.LEAVE)
    try:
        result = studio().prompts.style_import.run(user(), files, on_changed)
    except ContrappostoError as error:
        st.session_state[_PROBLEM] = " ".join(messages_of(error).values())
    else:
        st.session_state[_DONE] = texts.imported(result.added, result.replaced, result.left)
        st.session_state[_UPLOADS] = session_value(_UPLOADS, int, 0) + 1
