"""Forms of older versions are read; of an unreadable field only that field starts anew."""

import json
from typing import Any

import pytest

from formats.generation.parameters import Mode
from formats.generation.samplers import Sampler
from ui.form.filling.stored_values import read_form_values
from ui.form.values import FormValues, Source, value_at

OLD: dict[str, Any] = {
    "mode": "inpaint",
    "prompt": "a dog",
    "steps": 9,
    "mask_inverted": True,
    "mask_blur": 7,
    "masked_content": "fill",
    "inpaint_area": "Only masked",
    "mask_padding": 12,
    "hires": True,
    "hires_upscaler": "Lanczos",
    "hires_scale": 1.5,
    "hires_steps": 0,
    "hires_denoising": 0.4,
    "hires_sampler": "Euler",
    "hires_schedule": None,
    "upscaler": "x.pth",
    "upscale_by": 3.0,
    "a_field_of_a_newer_version": 1,
}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mode", Mode.INPAINT),
        ("steps", 9),
        ("inpaint.inverted", True),
        ("inpaint.blur", 7),
        ("inpaint.content", "fill"),
        ("inpaint.area", "Only masked"),
        ("inpaint.padding", 12),
        ("with_hires", True),
        ("hires.upscaler", "Lanczos"),
        ("hires.scale", 1.5),
        ("hires.steps", None),
        ("hires.denoising_strength", 0.4),
        ("hires.sampler", Sampler.EULER),
        ("upscale.upscaler", "x.pth"),
        ("upscale.scale", 3.0),
    ],
)
def test_a_form_of_version_0_1_is_read(field: str, value: object) -> None:
    assert value_at(read_form_values(json.dumps(OLD)), field) == value


def test_what_is_kept_is_read_again() -> None:
    values = read_form_values(json.dumps(OLD))
    assert read_form_values(values.model_dump_json()) == values


@pytest.mark.parametrize(
    "wrong",
    [
        {"sampler": "of another version"},
        {"steps": "many"},
        {"hires_sampler": "of another version"},
        {"units": [{"mode": "unheard of", "weight": 0.5}]},
        {"units": "none"},
        {"pose": {"width": -1}},
        {"sheet": [{"job": 1}]},
        {"mode": ["txt2img"]},
    ],
)
def test_only_the_field_that_can_not_be_read_starts_anew(
    wrong: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    values = read_form_values(json.dumps({**OLD, **wrong}))
    assert (values.prompt, value_at(values, "inpaint.blur")) == ("a dog", 7)
    assert "event=form_fields_unreadable" in caplog.text
    assert "a dog" not in caplog.text


def test_a_unit_keeps_what_can_be_read_of_it() -> None:
    (unit,) = read_form_values(json.dumps({"units": [{"mode": "?", "weight": 0.5}]})).units
    assert (unit.weight, unit.source) == (0.5, Source.POSE)


@pytest.mark.parametrize("data", ["", "no JSON", "[]", "3", '"text"', "[[1]]", "null"])
def test_what_is_no_form_is_a_fresh_one(data: str) -> None:
    assert read_form_values(data) == FormValues()
