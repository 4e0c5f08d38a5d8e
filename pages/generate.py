"""Generate: prompt and parameters in, pictures out."""

import streamlit as st

from formats.request import Mode
from ui import parameters
from ui.endpoint_picker import endpoint_picker
from ui.form import Form
from ui.generate_button import generate_button
from ui.mode_parameters import mode_parameters
from ui.model_pickers import checkpoint_picker, extras_pickers
from ui.newest_job import newest_job
from ui.problems import show_notice, show_rest

form = Form("generate")
form.open()
show_notice()
show_rest(form.problems, *parameters.TOP, *parameters.BELOW)

with st.container(key="workbench"):
    left, right = st.columns([5, 7], gap="large")
    with left, st.container(key="ask"):
        endpoint_picker(form)
        parameters.mode_switch(form, list(Mode))
        if form.get("mode").draws:
            checkpoint_picker(form)
            parameters.prompts(form)
        mode_parameters(form)
        generate_button(form)
    if form.get("mode").draws:
        with left, st.container(key="parameters"):
            parameters.sampling_parameters(form)
            extras_pickers(form)
    with right, st.container(key="result"):
        newest_job()
