"""Draws what each mode adds to the form that all of them share."""

import streamlit as st

from formats.generation.fields import ResizeMode
from formats.generation.request import Mode
from ui.form.image_field import start_picture
from ui.form.inpaint import inpaint_form
from ui.form.state import Form
from ui.form.upscaling import hires_form, upscale_form
from ui.problems import show_at


def mode_parameters(form: Form) -> None:
    """The chosen mode's own fields."""
    match form.get("mode"):
        case Mode.IMG2IMG:
            _img2img(form)
        case Mode.INPAINT:
            inpaint_form(form)
        case Mode.UPSCALE:
            upscale_form(form)
        case _:
            show_at(form.problems, "init_picture")
            hires_form(form)


def _img2img(form: Form) -> None:
    """The picture to start from, and how far to leave it."""
    start_picture(form)
    st.slider(
        "Denoising strength", 0.0, 1.0, step=0.01, key=form.key("denoising_strength"),
        help="0 keeps the picture, 1 keeps nothing of it.",
    )  # fmt: skip
    show_at(form.problems, "denoising_strength")
    st.selectbox("Resize mode", list(ResizeMode), key=form.key("resize_mode"))
