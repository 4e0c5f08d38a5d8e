"""What a job's prompts came of: its templates and its wildcard seed."""

import streamlit as st

from formats.generation.request import GenerationRequest
from ui.texts import formatting
from ui.texts.jobs import template as texts


def template(request: GenerationRequest | None) -> None:
    """The templates as they were written; nothing where the prompts were sent as written."""
    if request is None or not (request.template or request.negative_template):
        return
    st.markdown(f"##### {texts.TEMPLATE}", anchors=False)
    for text in filter(None, (request.template, request.negative_template)):
        st.code(text, language=None, wrap_lines=True)
    seed = request.wildcard_seed
    st.caption(formatting.escape(texts.COMBINATION if seed is None else texts.resolved(seed)))
