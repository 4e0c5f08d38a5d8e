"""Every field of a request is bounded, and contradictions are refused."""

from typing import Any

import pytest
from pydantic import ValidationError

from formats.generation.request import GenerationRequest, parse_request
from formats.generation.samplers import (
    NOT_OFFERED,
    Sampler,
    Schedule,
    approximate,
    resolve,
    supports,
)
from formats.generation.upscaling import LatentUpscaler, PixelUpscaler, upscaler_file

JOB = "01JD8Z5M3Q8V4T0W9X2Y7R6N5K"
GOOD: dict[str, Any] = {"id": JOB, "checkpoint": "a.safetensors", "prompt": "a dog", "seed": 1}
PICTURE = {"init_image": "0" * 64}
INPAINT: dict[str, Any] = {"mode": "inpaint", **PICTURE, "inpaint": {"mask": "1" * 64}}
UPSCALE: dict[str, Any] = {
    "mode": "upscale",
    **PICTURE,
    "checkpoint": None,
    "prompt": "",
    "upscale": {},
}
UNIT = {"model": "c.safetensors", "image": "0" * 64}


def request(**changes: Any) -> GenerationRequest:
    return GenerationRequest.model_validate({**GOOD, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"styles": ("film",)},
        {"template": "a {dog|cat}", "wildcard_seed": 0},
        {"negative_template": "__bad__", "wildcard_seed": 7},
    ],
)
def test_only_what_needs_a_newer_container_asks_for_it(changes: dict[str, Any]) -> None:
    """Containers of version 0.1 refuse fields that they don't know."""
    new = {"styles", "template", "negative_template", "wildcard_seed"}
    assert not new & request().model_dump().keys()
    asked = request(**changes)
    assert new & asked.model_dump().keys() == changes.keys()
    assert parse_request(asked.model_dump_json()) == asked


def test_a_request_round_trips_unchanged() -> None:
    first = request(controlnets=[UNIT], loras=[{"name": "l.safetensors", "weight": 0.5}])
    assert parse_request(first.model_dump_json()) == first


def test_a_request_can_not_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        request().steps = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    "changes",
    [
        {"width": 63},
        {"width": 2056},
        {"height": 260},
        {"steps": 0},
        {"steps": 151},
        {"cfg_scale": 0.5},
        {"cfg_scale": float("nan")},
        {"seed": -1},
        {"seed": 2**32},
        {"prompt": "x" * 8193},
        {"prompt": "é" * 4097},
        {"negative_prompt": "x" * 8193},
        {"prompt": " "},
        {"batch_size": 9},
        {"batch_size": 8, "batch_count": 3},
        {"clip_skip": 0},
        {"id": "../x"},
        {"checkpoint": "../a"},
        {"unknown": 1},
        {"loras": [{"name": "l"}] * 9},
        {"loras": [{"name": "l", "weight": 5}]},
        {"controlnets": [UNIT] * 5},
        {"controlnets": [{**UNIT, "start": 0.5, "end": 0.5}]},
        {"controlnets": [{**UNIT, "weight": 2.1}]},
        {"controlnets": [{**UNIT, "image": "/etc"}]},
        {"mode": "img2img"},
        {"init_image": "0" * 64},
        {"sampler": "Euler a", "schedule": "Karras"},
        {"sampler": "DPM adaptive"},
        {"version": 2},
        {"checkpoint": None},
        {"mode": "inpaint", **PICTURE},
        {"inpaint": INPAINT["inpaint"]},
        {**INPAINT, "init_image": None},
        {**INPAINT, "hires": {}},
        {**UPSCALE, "batch_size": 2},
        {**UPSCALE, "upscale": {"scale": 9}},
        {**UPSCALE, "upscale": {"upscaler": "Latent"}},
        {"hires": {"scale": 4, "sampler": "Euler a", "schedule": "Karras"}},
        {"hires": {"scale": 4}, "width": 520},
        {"hires": {"scale": 1}},
        {"hires": {"steps": 0}},
        {"resize_mode": "Just resize (latent upscale)"},
        {"variation_strength": 1.1},
        {"embeddings": ["a.pt"] * 17},
        {"embeddings": ["../a.pt"]},
        {"controlnets": [{**UNIT, "preprocessor": "depth"}]},
        {"controlnets": [{**UNIT, "preprocessor": "canny", "threshold_a": 201}]},
        {"controlnets": [{**UNIT, "resize_mode": "Just resize (latent upscale)"}]},
    ],
)
def test_bad_requests_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        request(**changes)


@pytest.mark.parametrize(
    ("written", "read", "file"),
    [
        ("Latent", LatentUpscaler.LATENT, None),
        ("Lanczos", PixelUpscaler.LANCZOS, None),
        ("4x-UltraSharp.safetensors", "4x-UltraSharp.safetensors", "4x-UltraSharp.safetensors"),
    ],
)
def test_an_upscaler_is_a_known_name_or_a_file(written: str, read: str, file: str | None) -> None:
    hires = parse_request(request(hires={"upscaler": written}).model_dump_json()).hires
    assert hires
    assert (hires.upscaler, type(hires.upscaler)) == (read, type(read))
    assert upscaler_file(hires.upscaler) == file


@pytest.mark.parametrize("changes", [INPAINT, UPSCALE])
def test_every_mode_round_trips(changes: dict[str, Any]) -> None:
    first = request(**changes)
    assert parse_request(first.model_dump_json()) == first


def test_hires_makes_sides_that_the_vae_divides() -> None:
    assert request(width=512, height=328, hires={"scale": 1.55}).size == (792, 504)


@pytest.mark.parametrize(
    "changes",
    [
        {"prompt": "", "controlnets": [UNIT]},
        {"prompt": "", "mode": "img2img", "init_image": "0" * 64},
    ],
)
def test_an_empty_prompt_is_fine_with_a_picture(changes: dict[str, Any]) -> None:
    assert request(**changes).prompt == ""


@pytest.mark.parametrize(
    ("sampler", "schedule"),
    [
        (Sampler.DPMPP_2M, Schedule.KARRAS),
        (Sampler.DPMPP_2M_SDE, Schedule.EXPONENTIAL),
        (Sampler.EULER, Schedule.UNIFORM),
    ],
)
def test_automatic_means_what_a1111_means(sampler: Sampler, schedule: Schedule) -> None:
    assert resolve(sampler, Schedule.AUTOMATIC) is schedule


def test_automatic_is_always_offered_and_nothing_is_offered_twice() -> None:
    assert all(supports(sampler, Schedule.AUTOMATIC) for sampler in Sampler)
    assert not {sampler.value for sampler in Sampler} & set(NOT_OFFERED)


@pytest.mark.parametrize("name", NOT_OFFERED)
@pytest.mark.parametrize("where", ["", "hires"])
def test_what_is_not_offered_is_refused_by_its_name(name: str, where: str) -> None:
    field = "schedule" if "schedule" in NOT_OFFERED[name] else "sampler"
    fields = {field: name} if not where else {where: {field: name}}
    with pytest.raises(ValidationError, match=name.replace("+", r"\+")):
        request(**fields)


@pytest.mark.parametrize(
    ("pair", "word"),
    [
        ((Sampler.DPMPP_2S_A, Schedule.KARRAS), "single-step"),
        ((Sampler.EULER, Schedule.SIMPLE), "one of 1,000"),
        ((Sampler.LCM, Schedule.SGM_UNIFORM), "its own timesteps"),
        ((Sampler.EULER, Schedule.SGM_UNIFORM), None),
        ((Sampler.DPMPP_2M, Schedule.AUTOMATIC), None),
    ],
)
def test_what_is_only_like_a1111s_says_so(pair: tuple[Sampler, Schedule], word: str | None) -> None:
    said = approximate(*pair)
    assert (said is None) if word is None else (said is not None and word in said)
