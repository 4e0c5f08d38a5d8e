"""The parameter fields that Generate and ControlNet share, each as it is declared in formats."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any, Final

import streamlit as st

from formats.generation.parameters import Mode, ParameterField, parameter_fields
from formats.generation.samplers import APPROXIMATE
from ui.errors import show_at
from ui.form.prompt.expansions import PROBLEMS
from ui.form.state import Form
from ui.texts.form import form as texts

TOP: Final = ("endpoint", "checkpoints", "prompt", "negative_prompt", "styles", *PROBLEMS)
BELOW: Final = (
    "loras",
    "vae",
    "init_picture",
    "mask",
    "inpaint",
    "outpaint",
    "hires",
    "upscale",
    "upscaler",
    *parameter_fields(),
)
"""Fields whose problems are shown where the field is."""

WITH_UNITS: Final = (Mode.TXT2IMG, Mode.IMG2IMG, Mode.INPAINT)
"""The modes in which ControlNets apply."""

_ELSEWHERE: Final = {"prompt", "negative_prompt", "denoising_strength", "resize_mode"}
"""Fields with a place of their own."""

_ORDER: Final = (
    "sampler",
    "schedule",
    "steps",
    "cfg_scale",
    "width",
    "height",
    "batch_count",
    "batch_size",
    "seed",
    "clip_skip",
    "variation_strength",
    "variation_seed",
)
"""Neighbours in two columns; whatever else is declared follows by itself."""


def mode_switch(form: Form, modes: Sequence[Mode]) -> None:
    """What the images are made from."""
    form.limit("mode", modes)
    st.segmented_control(
        texts.MODE,
        modes,
        key=form.key("mode"),
        required=True,
        label_visibility="collapsed",
        width="stretch",
        format_func=lambda mode: mode.value,
    )


def sampling_parameters(form: Form) -> None:
    """Every parameter that has no place of its own: two in a row, switches below them."""
    fields = list(_placed(Mode(form.get("mode"))))
    switches = [field for field in fields if field.type is bool]
    others = [field for field in fields if field.type is not bool]
    for row in range(0, len(others), 2):
        for column, field in zip(st.columns(2), others[row : row + 2], strict=False):
            with column:
                parameter_field(form, field.name)
    for field in switches:
        parameter_field(form, field.name)


def _placed(mode: Mode) -> Iterator[ParameterField]:
    fields = parameter_fields()
    for name in dict.fromkeys((*_ORDER, *fields)):
        if name not in _ELSEWHERE and mode in fields[name].parameter.modes:
            yield fields[name]


def parameter_field(form: Form, name: str, **options: Any) -> None:
    """The widget of a parameter by its type, with what is wrong with it below.

    Numbers take any value: the service layer says what is wrong with one.
    """
    field = parameter_fields()[name]
    shown = {"key": form.key(name), "help": field.parameter.help, **options}
    if isinstance(field.type, type) and issubclass(field.type, StrEnum):
        _choice(field, shown)
    elif field.type is bool:
        st.toggle(field.parameter.label, **shown)
    elif field.type is float and field.maximum == 1:
        st.slider(field.parameter.label, 0.0, 1.0, step=field.parameter.step, **shown)
    else:
        _number(form, field, shown)
    show_at(form.problems, name)


def _choice(field: ParameterField, shown: dict[str, Any]) -> None:
    if field.name == "sampler":
        shown["help"] = texts.approximate_help(APPROXIMATE)
    st.selectbox(
        field.parameter.label,
        list(field.type),
        format_func=lambda name: texts.approximate(name) if name in APPROXIMATE else str(name),
        **shown,
    )


def _number(form: Form, field: ParameterField, shown: dict[str, Any]) -> None:
    is_fraction = field.type is float
    st.number_input(
        field.parameter.label,
        step=float(field.parameter.step) if is_fraction else int(field.parameter.step),
        format="%.1f" if is_fraction else None,
        disabled=field.name == "variation_seed" and not form.get("variation_strength"),
        **shown,
    )
