"""The library as a table, whose chosen rows can be opened and changed together."""

import hashlib
from collections.abc import Sequence
from typing import Final

import streamlit as st

from core.models.service import ModelFile
from ui.models.library.view import open_model
from ui.texts.formatting import file_size, local_time
from ui.texts.models import library as texts

PER_PAGE: Final = 50
_ROW_PIXELS: Final = 35
_MAX_ROWS: Final = 16


def model_table(files: Sequence[ModelFile]) -> None:
    """A page of rows, below what can be done with those that are chosen."""
    actions = st.container(horizontal=True, vertical_alignment="center", key="model-actions")
    event = st.dataframe(
        [_row(file) for file in files],
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key=_key_of(files),
        height=_ROW_PIXELS * (min(len(files), _MAX_ROWS) + 1) + 3,
        column_config={
            texts.COLUMN_CHANGED: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")
        },
    )
    chosen = [files[row] for row in event.selection.rows if row < len(files)]
    with actions:
        _actions(chosen)


def _key_of(files: Sequence[ModelFile]) -> str:
    """Another page has another key: the rows that were chosen are other files there."""
    digest = hashlib.sha256("\n".join(file.key for file in files).encode())
    return f"library.table.{digest.hexdigest()[:16]}"


def _actions(chosen: Sequence[ModelFile]) -> None:
    st.button(
        texts.OPEN,
        icon=":material/open_in_full:",
        key="library.open",
        disabled=len(chosen) != 1,
        on_click=lambda: open_model(chosen[0].key),
    )
    st.caption(texts.chosen(len(chosen)))


def _row(file: ModelFile) -> dict[str, object]:
    row: dict[str, object] = {
        texts.COLUMN_NAME: file.name,
        texts.COLUMN_KIND: file.kind.label,
        texts.COLUMN_FAMILY: file.family.value,
        texts.COLUMN_SIZE: file_size(file.size),
        texts.COLUMN_CHANGED: local_time(file.modified).replace(tzinfo=None),
    }
    return {**row, texts.COLUMN_PROBLEM: file.problem} if file.problem else row
