"""What is left of the scaling of endpoints that are no more, with a button to remove it."""

from functools import partial

import streamlit as st

from core.endpoints.scaling.reports import Leftover
from ui.errors import attempt
from ui.state import studio, user
from ui.texts import formatting
from ui.texts import scaling as texts


def leftover_list(leftovers: tuple[Leftover, ...]) -> None:
    """Nothing where nothing is left."""
    if not leftovers:
        return
    st.subheader(texts.LEFTOVERS, anchor=False, help=texts.LEFTOVERS_HELP)
    for one in leftovers:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(formatting.escape(texts.leftover(one)), width="stretch")
            st.button(
                texts.CLEAN,
                key=f"clean.{one.endpoint}",
                icon=":material/delete_sweep:",
                type="tertiary",
                on_click=attempt,
                args=(partial(_clean, one.endpoint),),
            )


def _clean(name: str) -> None:
    studio().scaling.clean(user(), name)
