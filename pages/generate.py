"""Generate: prompt and parameters in, images out."""

import streamlit as st

from formats.generation.parameters import Mode
from ui.errors import show_notice, show_rest
from ui.form import parameters
from ui.form.endpoint_picker import endpoint_picker
from ui.form.filling.infotext_drop import infotext_drop
from ui.form.filling.last_settings import last_settings
from ui.form.filling.preset_dialog import presets
from ui.form.mode_parameters import mode_parameters
from ui.form.models.pickers import checkpoint_picker, extras_pickers
from ui.form.prompt.prompts import prompts
from ui.form.state import Form
from ui.form.submit import generate_button
from ui.jobs.detail.view import newest_job
from ui.jobs.grids.fields import PROBLEMS, script_fields
from ui.jobs.grids.result import grid_result

form = Form("generate")
form.open()
show_notice()
show_rest(form.problems, *parameters.TOP, *parameters.BELOW, *PROBLEMS)

with st.container(key="workbench"):
    left, right = st.columns([5, 7], gap="large")
    with left, st.container(key="ask"):
        presets(form)
        endpoint_picker(form)
        parameters.mode_switch(form, list(Mode))
        if form.get("mode").uses_checkpoint:
            checkpoint_picker(form)
            last_settings(form)
            prompts(form)
        infotext_drop(form)
        mode_parameters(form)
        if form.get("mode").uses_checkpoint:
            script_fields(form, with_units=False)
        generate_button(form)
    if form.get("mode").uses_checkpoint:
        with left, st.container(key="parameters"):
            parameters.sampling_parameters(form)
            extras_pickers(form)
    with right, st.container(key="result"):
        newest_job()
        grid_result(form)
