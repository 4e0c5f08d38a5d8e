"""ControlNet: a figure's pose steers the image."""

import streamlit as st

from ui.errors import show_notice, show_rest
from ui.form import parameters
from ui.form.controlnet.contact_sheet import sheet_result
from ui.form.controlnet.units import UNITS, control_units
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
from ui.pose.studio import pose_studio

form = Form("controlnet")
form.open()
show_notice()
show_rest(form.problems, *parameters.TOP, *parameters.BELOW, *UNITS, *PROBLEMS)

with st.container(key="workbench"):
    left, right = st.columns([7, 5], gap="large")
    with left, st.container(key="ask"):
        presets(form)
        endpoint, checkpoint = st.columns(2)
        with endpoint:
            endpoint_picker(form)
        with checkpoint:
            checkpoint_picker(form)
            last_settings(form)
        pose_studio(form)
        prompts(form)
        infotext_drop(form)
        control_units(form)
        script_fields(form, with_units=True)
        generate_button(form, with_units=True)
    with left, st.container(key="parameters"):
        parameters.mode_switch(form, parameters.WITH_UNITS)
        mode_parameters(form)
        parameters.sampling_parameters(form)
        extras_pickers(form)
    with right, st.container(key="result"):
        newest_job()
        grid_result(form)
        sheet_result(form)
