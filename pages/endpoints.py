"""Endpoints: create them, see their states, and delete them."""

import streamlit as st

from core.team.permissions import Kind
from ui.endpoints.form import endpoint_form
from ui.endpoints.history.usage_table import usage_table
from ui.endpoints.list import endpoint_list
from ui.errors import show_notice
from ui.state import may_create
from ui.texts import common as texts
from ui.texts import endpoints as endpoint_texts

st.title(texts.ENDPOINTS, anchor=False)
show_notice()
with st.container(key="narrow"):
    if may_create(Kind.ENDPOINT):
        endpoint_form()
    else:
        st.caption(endpoint_texts.OPERATORS_ONLY)
    endpoint_list()
    usage_table()
