"""The table of the parameters in which two images differ."""

import html
from collections.abc import Sequence

import streamlit as st

from core.jobs.detail.comparison import Difference
from ui.texts.jobs import comparing as texts


def difference_table(found: Sequence[Difference], old: str, new: str) -> None:
    """One row for each field; `old` and `new` name the images."""
    st.markdown(f"##### {texts.DIFFERENCES}", anchors=False)
    if not found:
        st.caption(texts.NO_DIFFERENCE)
        return
    head = "".join(
        f"<th scope='col'>{html.escape(name)}</th>" for name in (texts.PARAMETER, old, new)
    )
    rows = "".join(
        f"<tr><th scope='row'>{html.escape(texts.field_name(each.field))}</th>"
        f"<td>{html.escape(each.old)}</td><td>{html.escape(each.new)}</td></tr>"
        for each in found
    )
    st.html(
        f"<table class='parameters differences'><thead><tr>{head}</tr></thead>"
        f"<tbody>{rows}</tbody></table>"
    )
