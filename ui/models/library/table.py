"""The library as a table, whose chosen rows can be opened and changed together."""

import hashlib
from collections.abc import Collection, Sequence
from typing import Final

import streamlit as st

from core.models.files import ModelFile
from ui.components.sharing_fields import has_others
from ui.components.sharing_fields import title_of as person_title
from ui.form.models.titles import title_of
from ui.models.library.bulk import bulk_actions
from ui.texts.formatting import file_size, local_time
from ui.texts.models import library as texts

PER_PAGE: Final = 50
_ROW_PIXELS: Final = 35
_MAX_ROWS: Final = 16


def model_table(files: Sequence[ModelFile], starred: Collection[str]) -> None:
    """A page of rows, below what can be done with those that are chosen."""
    actions = st.container(horizontal=True, vertical_alignment="center", key="model-actions")
    event = st.dataframe(
        [_row(file, starred) for file in files],
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key=_key_of(files),
        height=_ROW_PIXELS * (min(len(files), _MAX_ROWS) + 1) + 3,
        column_config={
            texts.COLUMN_CHANGED: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
            texts.COLUMN_FAVOURITE: st.column_config.Column(width=40),
            texts.COLUMN_NAME: st.column_config.Column(width="medium"),
            texts.COLUMN_TITLE: st.column_config.Column(width="medium"),
        },
    )
    chosen = [files[row] for row in event.selection.rows if row < len(files)]
    with actions:
        bulk_actions(chosen)


def _key_of(files: Sequence[ModelFile]) -> str:
    """Another page has another key: the rows that were chosen are other files there."""
    digest = hashlib.sha256("\n".join(file.key for file in files).encode())
    return f"library.table.{digest.hexdigest()[:16]}"


def _row(file: ModelFile, starred: Collection[str]) -> dict[str, object]:
    fields = file.known.fields
    row: dict[str, object] = {
        texts.COLUMN_FAVOURITE: texts.STAR if file.key in starred else "",
        texts.COLUMN_NAME: file.name,
        texts.COLUMN_TITLE: title_of(file),
        texts.COLUMN_KIND: file.kind.label,
        texts.COLUMN_FAMILY: file.family.value,
        texts.COLUMN_PREDICTION: fields.prediction_type or "",
        texts.COLUMN_SIZE: file_size(file.size),
        texts.COLUMN_TAGS: list(fields.tags or ()),
        texts.COLUMN_JOBS: file.record.jobs,
        texts.COLUMN_CHANGED: local_time(file.modified).replace(tzinfo=None),
    }
    if has_others():
        row[texts.COLUMN_OWNER] = person_title(file.owner)
    return {**row, texts.COLUMN_PROBLEM: file.problem} if file.problem else row
