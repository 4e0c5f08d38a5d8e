"""Draws the list of model files with its filters, and deletes from it."""

from collections.abc import Sequence

import streamlit as st

from core.models.service import ModelFile
from formats.models.kinds import ModelKind
from ui.problems import attempt
from ui.state import studio, user
from ui.texts.formatting import local, plain, size

_ALL = "All kinds"
_ROW_PIXELS = 35
_MOST_ROWS = 14


def model_table() -> None:
    """All model files in S3 that the filter lets through."""
    word, kind, again = _filters()
    files = studio().models.list(user(), refresh=again)
    found = [file for file in files if _matches(file, word, kind)]
    if not files:
        _nothing_yet()
    elif not found:
        st.info("No file fits the filter.", icon=":material/filter_alt:")
    else:
        _table(found)


def _filters() -> tuple[str, ModelKind | None, bool]:
    with st.container(horizontal=True, vertical_alignment="bottom", key="model-filters"):
        word = st.text_input(
            "Filter", key="models.filter", placeholder="Part of a name or a family",
            icon=":material/search:", type="search",
        )  # fmt: skip
        kind = st.selectbox(
            "Kind of file", [_ALL, *ModelKind], key="models.shown", width=180,
            format_func=lambda kind: getattr(kind, "label", kind),
        )  # fmt: skip
        again = st.button(
            "Refresh", icon=":material/refresh:", help="Read the list from S3 again",
            key="models.refresh",
        )  # fmt: skip
    return (word or "").strip().lower(), None if kind == _ALL else kind, again


def _matches(file: ModelFile, word: str, kind: ModelKind | None) -> bool:
    return kind in (None, file.kind) and word in f"{file.name} {file.family}".lower()


def _nothing_yet() -> None:
    with st.container(key="empty", horizontal_alignment="center"):
        st.markdown("#### No model files yet", anchors=False)
        st.caption(
            "Give the path of a checkpoint above, a .safetensors file, and press Upload. "
            "Its kind is read from the file."
        )


def _table(files: Sequence[ModelFile]) -> None:
    event = st.dataframe(
        [_row(file) for file in files], hide_index=True, on_select="rerun",
        selection_mode="single-row", key="models.table",
        height=_ROW_PIXELS * (min(len(files), _MOST_ROWS) + 1) + 3,
        column_config={"Changed": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")},
    )  # fmt: skip
    chosen = [files[row] for row in event.selection.rows if row < len(files)]
    for file in chosen:
        _details(file)


def _row(file: ModelFile) -> dict[str, object]:
    row: dict[str, object] = {
        "Name": file.name,
        "Kind": file.kind.label,
        "Family": file.family.value,
        "Size": size(file.size),
        "Changed": local(file.modified).replace(tzinfo=None),
    }
    return {**row, "Problem": file.problem} if file.problem else row


def _details(file: ModelFile) -> None:
    with st.container(border=True):
        st.markdown(f"**{plain(file.name)}**")
        if file.description:
            st.markdown(plain(file.description))
        st.caption(f"{plain(file.key)} · sha256 {file.sha256 or 'known once it was used'}")
        if file.problem:
            st.error(plain(file.problem))
        if st.button("Delete this file", icon=":material/delete:", key="models.delete"):
            _confirm(file)


@st.dialog("Delete this model file?")
def _confirm(file: ModelFile) -> None:
    st.write(f"{plain(file.name)} is removed from S3. Jobs that wait for it will fail.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it", key="models.delete.no"):
            st.rerun()
        if st.button(
            "Delete", type="primary", key="models.delete.yes", on_click=attempt,
            args=(lambda: studio().models.delete(user(), file.kind, file.name),),
        ):  # fmt: skip
            st.rerun()
