"""Models: bring model files to S3, and see what is there."""

import streamlit as st

from ui.errors import show_notice
from ui.models.table import demo_models, model_table
from ui.models.upload import upload_form, upload_list
from ui.texts import common as texts

st.title(texts.MODELS, anchor=False)
show_notice()
with st.container(key="narrow"):
    upload_form()
    upload_list()
model_table()
demo_models()
