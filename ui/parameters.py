"""Draws the parameter form that Generate and ControlNet share."""

import streamlit as st

from formats.fields import ResizeMode
from formats.limits import MAX_PICTURES, SIDE_STEP
from formats.request import Mode
from formats.samplers import APPROXIMATE, Sampler, Schedule
from ui.form import Form
from ui.problems import show_at
from ui.start_picture import start_picture

TOP = ("endpoint", "checkpoints", "prompt", "negative_prompt")
BELOW = (
    "loras", "vae", "sampler", "schedule", "steps", "cfg_scale", "width", "height", "seed",
    "batch_size", "batch_count", "clip_skip", "init_picture", "denoising_strength", "resize_mode",
)  # fmt: skip
"""Fields whose problems are shown where the field is."""


_MODES = (Mode.TXT2IMG, Mode.IMG2IMG)
_RESIZE_MODES = tuple(mode for mode in ResizeMode if mode is not ResizeMode.LATENT)
"""What the container does; it refuses the others by name."""


def mode_switch(form: Form) -> None:
    """txt2img or img2img."""
    st.segmented_control(
        "Mode", _MODES, key=form.key("mode"), required=True, label_visibility="collapsed",
        width="stretch", format_func=lambda mode: mode.value,
    )  # fmt: skip


def prompts(form: Form) -> None:
    """Prompt and negative prompt."""
    st.text_area(
        "Prompt", key=form.key("prompt"), height=110,
        placeholder="What the picture shows, for example: a cute dog",
    )  # fmt: skip
    show_at(form.problems, "prompt")
    st.text_area(
        "Negative prompt", key=form.key("negative_prompt"), height=68,
        placeholder="What it should not show",
    )  # fmt: skip
    show_at(form.problems, "negative_prompt")


def picture_parameters(form: Form) -> None:
    """What img2img adds: the picture to start from, and how far to leave it."""
    if form.get("mode") is not Mode.IMG2IMG:
        show_at(form.problems, "init_picture")
        return
    start_picture(form)
    st.slider(
        "Denoising strength", 0.0, 1.0, step=0.01, key=form.key("denoising_strength"),
        help="0 keeps the picture, 1 keeps nothing of it.",
    )  # fmt: skip
    show_at(form.problems, "denoising_strength")
    st.selectbox("Resize mode", _RESIZE_MODES, key=form.key("resize_mode"))


def sampling_parameters(form: Form) -> None:
    """Sampler, steps, size, guidance, seed and how many pictures."""
    left, right = st.columns(2)
    with left:
        st.selectbox(
            "Sampler", list(Sampler), key=form.key("sampler"),
            format_func=lambda s: f"{s} (approximate)" if s in APPROXIMATE else s,
            help="".join(f"{name}: {why}. " for name, why in APPROXIMATE.items()),
        )  # fmt: skip
        show_at(form.problems, "sampler")
    with right:
        st.selectbox("Schedule type", list(Schedule), key=form.key("schedule"))
        show_at(form.problems, "schedule")
    _numbers(form, ("steps", "Steps", 1), ("cfg_scale", "CFG scale", 0.5))
    _numbers(form, ("width", "Width", SIDE_STEP), ("height", "Height", SIDE_STEP))
    _numbers(form, ("batch_count", "Batch count", 1), ("batch_size", "Batch size", 1))
    _numbers(form, ("seed", "Seed", 1), ("clip_skip", "Clip skip", 1))


_HELP = {
    "seed": "-1 draws a random seed; the pictures after the first count up from it.",
    "batch_count": f"Pictures one after another; with batch size at most {MAX_PICTURES}.",
    "batch_size": "Pictures drawn together.",
    "clip_skip": "How many last layers of the text encoder are left out; 1 leaves out none.",
    "cfg_scale": "How strongly the picture follows the prompt.",
}


def _numbers(form: Form, *fields: tuple[str, str, float]) -> None:
    """Numbers side by side. They take any value: the service layer says what is wrong with one."""
    for column, (field, label, step) in zip(st.columns(2), fields, strict=True):
        with column:
            st.number_input(
                label, key=form.key(field), step=step, help=_HELP.get(field),
                format="%.1f" if isinstance(step, float) else None,
            )  # fmt: skip
            show_at(form.problems, field)
