"""The model files in S3: the list with its filters, delete, and the demo models."""

from collections.abc import Sequence

import streamlit as st

from core import demo
from core.models.service import ModelFile
from core.team.permissions import Action, Kind
from formats.models.kinds import ModelKind
from ui.components.question import answer_buttons
from ui.errors import attempt, show_old
from ui.state import may, may_create, studio, user
from ui.texts import common
from ui.texts.formatting import escape, file_size, local_time
from ui.texts.models import library as texts

_ROW_PIXELS = 35
_MAX_ROWS = 14


def model_table() -> None:
    """All model files in S3 that the filter lets through."""
    word, kind, refresh = _filters()
    files = studio().models.list(user(), refresh=refresh)
    show_old(studio().models.listing_problem())
    matching = [file for file in files if _matches(file, word, kind)]
    if not files:
        _empty_list()
    elif not matching:
        st.info(texts.NO_MATCH, icon=":material/filter_alt:")
    else:
        _table(matching)


def _filters() -> tuple[str, ModelKind | None, bool]:
    with st.container(horizontal=True, vertical_alignment="bottom", key="model-filters"):
        word = st.text_input(
            texts.FILTER,
            key="models.filter",
            placeholder=texts.FILTER_PLACEHOLDER,
            icon=":material/search:",
            type="search",
        )
        kind = st.selectbox(
            texts.KIND_FILTER,
            [texts.ALL_KINDS, *ModelKind],
            key="models.shown",
            width=180,
            format_func=lambda kind: getattr(kind, "label", kind),
        )
        refresh = st.button(
            common.REFRESH,
            icon=":material/refresh:",
            help=texts.REFRESH_HELP,
            key="models.refresh",
        )
    return (word or "").strip().lower(), None if kind == texts.ALL_KINDS else kind, refresh


def _matches(file: ModelFile, word: str, kind: ModelKind | None) -> bool:
    return kind in (None, file.kind) and word in f"{file.name} {file.family}".lower()


def _empty_list() -> None:
    with st.container(key="empty", horizontal_alignment="center"):
        st.markdown(f"#### {texts.EMPTY_TITLE}", anchors=False)
        st.caption(texts.EMPTY)


def _table(files: Sequence[ModelFile]) -> None:
    event = st.dataframe(
        [_row(file) for file in files],
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="models.table",
        height=_ROW_PIXELS * (min(len(files), _MAX_ROWS) + 1) + 3,
        column_config={
            texts.COLUMN_CHANGED: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")
        },
    )
    for row in event.selection.rows:
        if row < len(files):
            _details(files[row])


def _row(file: ModelFile) -> dict[str, object]:
    row: dict[str, object] = {
        texts.COLUMN_NAME: file.name,
        texts.COLUMN_KIND: file.kind.label,
        texts.COLUMN_FAMILY: file.family.value,
        texts.COLUMN_SIZE: file_size(file.size),
        texts.COLUMN_CHANGED: local_time(file.modified).replace(tzinfo=None),
    }
    return {**row, texts.COLUMN_PROBLEM: file.problem} if file.problem else row


def _details(file: ModelFile) -> None:
    with st.container(border=True):
        st.markdown(f"**{escape(file.name)}**")
        if file.description:
            st.markdown(escape(file.description))
        st.caption(texts.file_address(escape(file.key), file.sha256))
        if file.problem:
            st.error(escape(file.problem))
        if may(Action.DELETE, file.item) and st.button(
            texts.DELETE_FILE, icon=":material/delete:", key="models.delete"
        ):
            _confirm(file)


@st.dialog(texts.DELETE_QUESTION)
def _confirm(file: ModelFile) -> None:
    st.write(texts.deletion(escape(file.name)))
    answer_buttons(
        "models.delete", common.DELETE, lambda: studio().models.delete_now(user(), file.key)
    )


def demo_models() -> None:
    """The models that ship, each with what it makes; only where the embedded AWS runs."""
    if not (studio().settings.embedded and demo.FOLDER.is_dir()):
        return
    with st.expander(texts.DEMO_TITLE, icon=":material/pets:"):
        st.markdown(texts.DEMO_ABOUT)
        st.markdown(
            "\n".join(
                texts.demo_model(escape(model.name), model.kind.label, escape(model.about))
                for model in demo.read_manifest(demo.FOLDER)
            )
        )
        st.button(
            texts.DEMO_RESTORE,
            icon=":material/restore:",
            key="models.demo",
            on_click=attempt,
            args=(_restore_demo,),
            help=texts.demo_restore_help(demo.ENDPOINT),
            disabled=not (may_create(Kind.MODEL) and may_create(Kind.ENDPOINT)),
        )


def _restore_demo() -> None:
    demo.restore(studio(), demo.FOLDER, user())
    st.toast(texts.DEMO_RESTORED)
