"""What makes images larger: hires fix, and the upscale job."""

from pathlib import PurePath

import streamlit as st

from formats.generation.samplers import Sampler, Schedule
from formats.generation.upscaling import Hires, LatentUpscaler, PixelUpscaler
from formats.limits import MAX_HIRES_SCALE, MAX_UPSCALE
from formats.models.kinds import ModelKind
from ui.errors import show_at
from ui.form.image.image_field import start_image
from ui.form.state import Form
from ui.state import studio, user
from ui.texts.form import form as texts
from ui.texts.formatting import image_size


def hires_form(form: Form) -> None:
    """The second pass of txt2img, behind its switch."""
    st.toggle(
        texts.HIRES,
        key=form.key("with_hires"),
        help=texts.HIRES_HELP,
    )
    if not form.get("with_hires"):
        show_at(form.problems, "hires")
        return
    left, right = st.columns(2)
    with left:
        _upscaler(form, "hires.upscaler", [*LatentUpscaler, *PixelUpscaler])
        st.number_input(
            texts.HIRES_STEPS,
            value=None,
            min_value=1,
            step=1,
            key=form.key("hires.steps"),
            placeholder=texts.INHERITED,
        )
        _hires_choice(form, "hires.sampler", texts.HIRES_SAMPLER, list(Sampler))
    with right:
        _scale(form, "hires.scale", MAX_HIRES_SCALE)
        st.slider(
            texts.HIRES_DENOISING,
            0.0,
            1.0,
            step=0.01,
            key=form.key("hires.denoising_strength"),
            help=texts.HIRES_DENOISING_HELP,
        )
        _hires_choice(form, "hires.schedule", texts.HIRES_SCHEDULE, list(Schedule))
    _hires_size(form)
    show_at(form.problems, "hires", "upscaler")


def upscale_form(form: Form) -> None:
    """The whole of an upscale job."""
    start_image(form)
    left, right = st.columns(2)
    with left:
        _upscaler(form, "upscale.upscaler", list(PixelUpscaler))
    with right:
        _scale(form, "upscale.scale", MAX_UPSCALE)
    show_at(form.problems, "upscale", "upscaler")


def _upscaler(form: Form, field: str, own: list[str]) -> None:
    files = [file.name for file in studio().models.of_kind(user(), ModelKind.UPSCALER)]
    names = [*map(str, own), *files]
    form.limit(field, names)
    st.selectbox(
        texts.UPSCALER,
        names,
        key=form.key(field),
        format_func=lambda name: PurePath(name).stem if name in files else name,
        help=texts.UPSCALER_HELP,
    )


def _scale(form: Form, field: str, limit: float) -> None:
    st.number_input(
        texts.UPSCALE_BY,
        key=form.key(field),
        step=0.05,
        format="%.2f",
        help=texts.scale_range(limit),
    )


def _hires_choice(form: Form, field: str, label: str, options: list[str]) -> None:
    st.selectbox(label, options, index=None, key=form.key(field), placeholder=texts.INHERITED)


def _hires_size(form: Form) -> None:
    width, height, scale = form.get("width"), form.get("height"), form.get("hires.scale")
    if width and height and scale and 1 < scale <= MAX_HIRES_SCALE:
        after = image_size(*Hires(scale=scale).size(width, height))
        st.caption(texts.size_after_hires(image_size(width, height), after))
