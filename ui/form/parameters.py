"""Draws the parameter form that Generate and ControlNet share."""

from collections.abc import Sequence

import streamlit as st

from formats.generation.request import Mode
from formats.generation.samplers import APPROXIMATE, Sampler, Schedule
from formats.limits import MAX_PICTURES, SIDE_STEP
from ui.form.state import Form
from ui.problems import show_at

TOP = ("endpoint", "checkpoints", "prompt", "negative_prompt")
BELOW = (
    "loras", "vae", "sampler", "schedule", "steps", "cfg_scale", "width", "height", "seed",
    "batch_size", "batch_count", "clip_skip", "variation_seed", "variation_strength",
    "init_picture", "denoising_strength", "resize_mode", "mask", "inpaint", "hires", "upscale",
    "upscaler",
)  # fmt: skip
"""Fields whose problems are shown where the field is."""


WITH_UNITS = (Mode.TXT2IMG, Mode.IMG2IMG, Mode.INPAINT)
"""The modes in which ControlNets steer."""


def mode_switch(form: Form, modes: Sequence[Mode]) -> None:
    """What the pictures are made from."""
    form.limit("mode", modes)
    st.segmented_control(
        "Mode", modes, key=form.key("mode"), required=True, label_visibility="collapsed",
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
    _variation(form)


def _variation(form: Form) -> None:
    """A1111's "Extra" of the seed."""
    left, right = st.columns(2)
    with left:
        st.slider(
            "Variation strength", 0.0, 1.0, step=0.01, key=form.key("variation_strength"),
            help="How far the noise goes from the seed's to the variation seed's; 0 is none.",
        )  # fmt: skip
    with right:
        st.number_input(
            "Variation seed", key=form.key("variation_seed"), step=1,
            disabled=not form.get("variation_strength"),
            help="-1 draws a random one; with a variation it counts up, and the seed stays.",
        )  # fmt: skip
    show_at(form.problems, "variation_seed", "variation_strength")
    st.toggle(
        "Exact", key=form.key("exact"),
        help="Draws this job alone. In one batch with other jobs a picture is the same to the eye, "
        "but not to the last bit.",
    )  # fmt: skip


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
