"""Models: bring model files to S3, and see what is there."""

import streamlit as st

from ui.errors import show_notice
from ui.models.adding import add_models
from ui.models.demo_models import demo_models
from ui.models.library.section import model_library
from ui.models.upload_queue import upload_queue
from ui.texts import common as texts
from ui.texts.models import adding, library

st.title(texts.MODELS, anchor=False)
show_notice()
with st.container(key="narrow"):
    st.subheader(adding.TITLE, anchor=False)
    add_models()
    upload_queue()
st.subheader(library.TITLE, anchor=False)
model_library()
demo_models()
