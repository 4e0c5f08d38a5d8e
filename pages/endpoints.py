"""Endpoints: create them, see their states, and delete them."""

import streamlit as st

from ui.endpoints.form import endpoint_form
from ui.endpoints.history.usage_table import usage_table
from ui.endpoints.list import endpoint_list
from ui.errors import show_notice
from ui.texts import common as texts

st.title(texts.ENDPOINTS, anchor=False)
show_notice()
with st.container(key="narrow"):
    endpoint_form()
    endpoint_list()
    usage_table()
