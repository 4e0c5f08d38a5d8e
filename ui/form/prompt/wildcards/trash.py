"""Wildcard files that were deleted, each with a way back."""

from functools import partial

import streamlit as st

from ui.errors import attempt
from ui.state import studio, user
from ui.texts import formatting
from ui.texts.form import wildcards as texts


def trash() -> None:
    """An expander; nothing where the trash is empty."""
    files = studio().prompts.wildcards.list(user(), in_trash=True)
    if not files:
        return
    with st.expander(texts.TRASH, icon=":material/delete:"):
        st.caption(texts.TRASH_NOTE)
        for file in files:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(formatting.escape(f"{file.name} ({texts.values(file.values)})"))
                st.button(
                    texts.TAKE_OUT,
                    key=f"wildcards.take-out.{file.id}",
                    on_click=attempt,
                    args=(partial(_restore, file.id),),
                )


def _restore(file_id: str) -> None:
    studio().prompts.wildcards.restore(user(), file_id)
