"""A parameter is declared once; form, draft, request and table are built on that."""

from typing import get_args

import pytest
from pydantic import ValidationError

from core.jobs.preparing.draft import Draft
from formats.generation.parameters import (
    GenerationParameters,
    Mode,
    Parameter,
    UncheckedParameters,
    parameter_fields,
    parameter_values,
    value_text,
)
from formats.generation.request import GenerationRequest
from ui.form.values import WIDGET_FIELDS, FormValues

NAMES = tuple(GenerationParameters.model_fields)


@pytest.mark.parametrize("model", [UncheckedParameters, FormValues, Draft, GenerationRequest])
def test_every_shape_of_a_generation_has_every_parameter(model: type[object]) -> None:
    assert set(NAMES) <= set(model.model_fields)  # type: ignore[attr-defined]  # pydantic's


def test_every_parameter_says_what_a_user_reads() -> None:
    assert set(parameter_fields()) == set(NAMES) <= set(WIDGET_FIELDS)
    labels = [field.parameter.label for field in parameter_fields().values()]
    assert all(labels)
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("name", NAMES)
def test_a_form_may_hold_what_a_request_refuses(name: str) -> None:
    """An emptied field is None until the request says what is wrong with it."""
    assert getattr(UncheckedParameters.model_validate({name: None}), name) is None
    with pytest.raises(ValidationError):
        GenerationParameters.model_validate({name: None})


@pytest.mark.parametrize(
    ("mode", "counts", "not_there"),
    [
        (Mode.TXT2IMG, "steps", "denoising_strength"),
        (Mode.IMG2IMG, "resize_mode", None),
        (Mode.INPAINT, "denoising_strength", "resize_mode"),
        (Mode.UPSCALE, None, "steps"),
    ],
)
def test_a_parameter_counts_in_its_modes(
    mode: Mode, counts: str | None, not_there: str | None
) -> None:
    values = parameter_values(UncheckedParameters(), mode)
    assert counts is None or counts in values
    assert not_there not in values


def test_bounds_are_known_to_the_form() -> None:
    field = parameter_fields()["cfg_scale"]
    assert (field.minimum, field.maximum, field.default, field.type) == (1, 30, 7.0, float)
    declared = get_args(GenerationParameters.__annotations__["cfg_scale"])
    assert field.parameter in declared
    assert isinstance(field.parameter, Parameter)


@pytest.mark.parametrize(("value", "text"), [(7.0, "7"), (0.25, "0.25"), (3, "3"), ("a", "a")])
def test_values_are_told_without_trailing_zeros(value: object, text: str) -> None:
    assert value_text(value) == text
