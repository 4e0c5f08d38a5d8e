"""Models: bring model files to S3, and see what is there."""

import streamlit as st

from ui.errors import show_notice
from ui.models.abandoned import abandoned_uploads
from ui.models.adding import add_models
from ui.models.demo_models import demo_models
from ui.models.library.section import model_library
from ui.models.missing import missing_models_form
from ui.models.trash import trash
from ui.models.upload_queue import upload_queue
from ui.texts import common as texts
from ui.texts.models import adding, library

st.title(texts.MODELS, anchor=False)
show_notice()
with st.container(key="add-models"):
    ways, queue = st.columns([6, 5], gap="large")
    with ways:
        st.subheader(adding.TITLE, anchor=False)
        add_models()
    with queue:
        upload_queue()
        abandoned_uploads()
st.subheader(library.TITLE, anchor=False)
model_library()
missing_models_form()
trash()
demo_models()
