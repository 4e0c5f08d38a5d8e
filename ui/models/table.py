"""The model files in S3: the list with its filters, delete, and the demo models."""

from collections.abc import Sequence

import streamlit as st

from core import demo
from core.models.service import ModelFile
from formats.models.kinds import ModelKind
from ui.errors import attempt
from ui.state import studio, user
from ui.texts.formatting import escape, file_size, local_time

_ALL = "All kinds"
_ROW_PIXELS = 35
_MAX_ROWS = 14


def model_table() -> None:
    """All model files in S3 that the filter lets through."""
    word, kind, refresh = _filters()
    files = studio().models.list(user(), refresh=refresh)
    matching = [file for file in files if _matches(file, word, kind)]
    if not files:
        _empty_list()
    elif not matching:
        st.info("No file fits the filter.", icon=":material/filter_alt:")
    else:
        _table(matching)


def _filters() -> tuple[str, ModelKind | None, bool]:
    with st.container(horizontal=True, vertical_alignment="bottom", key="model-filters"):
        word = st.text_input(
            "Filter",
            key="models.filter",
            placeholder="Part of a name or a family",
            icon=":material/search:",
            type="search",
        )
        kind = st.selectbox(
            "Kind of file",
            [_ALL, *ModelKind],
            key="models.shown",
            width=180,
            format_func=lambda kind: getattr(kind, "label", kind),
        )
        refresh = st.button(
            "Refresh",
            icon=":material/refresh:",
            help="Read the list from S3 again",
            key="models.refresh",
        )
    return (word or "").strip().lower(), None if kind == _ALL else kind, refresh


def _matches(file: ModelFile, word: str, kind: ModelKind | None) -> bool:
    return kind in (None, file.kind) and word in f"{file.name} {file.family}".lower()


def _empty_list() -> None:
    with st.container(key="empty", horizontal_alignment="center"):
        st.markdown("#### No model files yet", anchors=False)
        st.caption(
            "Give the path of a checkpoint above, a .safetensors file, and press Upload. "
            "Its kind is read from the file."
        )


def _table(files: Sequence[ModelFile]) -> None:
    event = st.dataframe(
        [_row(file) for file in files],
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="models.table",
        height=_ROW_PIXELS * (min(len(files), _MAX_ROWS) + 1) + 3,
        column_config={"Changed": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")},
    )
    for row in event.selection.rows:
        if row < len(files):
            _details(files[row])


def _row(file: ModelFile) -> dict[str, object]:
    row: dict[str, object] = {
        "Name": file.name,
        "Kind": file.kind.label,
        "Family": file.family.value,
        "Size": file_size(file.size),
        "Changed": local_time(file.modified).replace(tzinfo=None),
    }
    return {**row, "Problem": file.problem} if file.problem else row


def _details(file: ModelFile) -> None:
    with st.container(border=True):
        st.markdown(f"**{escape(file.name)}**")
        if file.description:
            st.markdown(escape(file.description))
        st.caption(f"{escape(file.key)} · sha256 {file.sha256 or 'known once it was used'}")
        if file.problem:
            st.error(escape(file.problem))
        if st.button("Delete this file", icon=":material/delete:", key="models.delete"):
            _confirm(file)


@st.dialog("Delete this model file?")
def _confirm(file: ModelFile) -> None:
    st.write(f"{escape(file.name)} is removed from S3. Jobs that wait for it will fail.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep it", key="models.delete.no"):
            st.rerun()
        if st.button(
            "Delete",
            type="primary",
            key="models.delete.yes",
            on_click=attempt,
            args=(lambda: studio().models.delete(user(), file.kind, file.name),),
        ):
            st.rerun()


def demo_models() -> None:
    """The models that ship, each with what it makes; only where the embedded AWS runs."""
    if not (studio().settings.embedded and demo.FOLDER.is_dir()):
        return
    with st.expander("Demo models: what they are for", icon=":material/pets:"):
        st.markdown(
            "Small models that draw in seconds on this computer's CPU, to try everything with. "
            "Upload a Stable Diffusion checkpoint of your own for serious pictures."
        )
        st.markdown(
            "\n".join(
                f"- **{escape(model.name)}** ({model.kind.label}): {escape(model.about)}"
                for model in demo.read_manifest(demo.FOLDER)
            )
        )
        st.button(
            "Bring the demo back",
            icon=":material/restore:",
            key="models.demo",
            on_click=attempt,
            args=(_restore_demo,),
            help=f"Uploads them again, and creates the endpoint {demo.ENDPOINT} if it is gone.",
        )


def _restore_demo() -> None:
    demo.restore(studio(), demo.FOLDER)
    st.toast("The demo models are on their way; refresh the list in a moment.")
