"""Of two images exactly the fields are told in which they differ."""

from datetime import UTC, datetime
from typing import Any, Final

import pytest

from core.jobs.detail.comparison import ComparedImage, differences
from formats.generation.controlnet_unit import ControlNetUnit
from formats.generation.parameters import Mode
from formats.generation.request import GenerationRequest, LoraUse
from formats.generation.result import AppliedModel, GenerationResult, Outcome, Picture
from formats.generation.samplers import Sampler
from formats.generation.upscaling import Hires
from formats.models.kinds import ModelKind

JOB: Final = "01JQ0000000000000000000000"
NOW: Final = datetime(2026, 11, 29, tzinfo=UTC)
A, B = "a" * 64, "b" * 64
INK, OIL = LoraUse(name="ink.safetensors", weight=0.5), LoraUse(name="oil.safetensors")


def request(**changes: Any) -> GenerationRequest:
    values: dict[str, Any] = {"id": JOB, "checkpoint": "dog.safetensors", "prompt": "a dog"}
    return GenerationRequest(**{**values, "seed": 1, **changes})


def result(*seeds: int, **changes: Any) -> GenerationResult:
    images = tuple(
        Picture(index=n, seed=seed, width=512, height=512, sha256=A, infotext="")
        for n, seed in enumerate(seeds)
    )
    values = {"id": JOB, "outcome": Outcome.SUCCEEDED, "started_at": NOW, "ended_at": NOW}
    return GenerationResult(**{**values, "pictures": images, **changes})


def unit(**changes: Any) -> ControlNetUnit:
    return ControlNetUnit(**{"model": "pose.safetensors", "image": A, **changes})


def checkpoint(sha256: str) -> AppliedModel:
    return AppliedModel(kind=ModelKind.CHECKPOINT, name="dog.safetensors", sha256=sha256)


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({}, {"id": "01JQ0000000000000000000001", "owner": "ann", "hashes": {"a": A}}, []),
        ({}, {"steps": 30, "cfg_scale": 7.5}, [("steps", "20", "30"), ("cfg_scale", "7", "7.5")]),
        ({}, {"sampler": Sampler.EULER}, [("sampler", "DPM++ 2M", "Euler")]),
        ({}, {"prompt": "a cat"}, [("prompt", "a dog", "a cat")]),
        ({"variation_seed": 3}, {"variation_seed": 4}, []),
        ({"denoising_strength": 0.5}, {"denoising_strength": 0.6}, []),
        ({}, {"vae": "v.safetensors"}, [("vae", "", "v.safetensors")]),
        (
            {"loras": (INK, OIL)},
            {"loras": (OIL, INK.model_copy(update={"weight": 0.8}))},
            [("loras/ink.safetensors/weight", "0.5", "0.8")],
        ),
        ({"loras": (OIL,)}, {}, [("loras/oil.safetensors/weight", "1", "")]),
        (
            {"controlnets": (unit(),)},
            {"controlnets": (unit(weight=0.5, image=B),)},
            [
                ("controlnets/0/weight", "1", "0.5"),
                ("controlnets/0/image", "a" * 10, "b" * 10),
            ],
        ),
        (
            {"hires": Hires(scale=1.5)},
            {"hires": Hires(scale=2)},
            [("hires/scale", "1.5", "2")],
        ),
        (
            {"mode": Mode.IMG2IMG, "init_image": A, "denoising_strength": 0.5},
            {"mode": Mode.IMG2IMG, "init_image": B, "denoising_strength": 0.6},
            [("denoising_strength", "0.5", "0.6"), ("init_image", "a" * 10, "b" * 10)],
        ),
    ],
)
def test_what_was_asked_for(
    old: dict[str, Any], new: dict[str, Any], found: list[tuple[str, str, str]]
) -> None:
    sides = (ComparedImage(request=request(**each), result=None) for each in (old, new))
    assert [(each.field, each.old, each.new) for each in differences(*sides)] == found


@pytest.mark.parametrize(
    ("old", "new", "index", "found"),
    [
        (result(1, 2), result(1, 2), 0, []),
        (result(1, 2), result(1, 2), 1, [("seed", "1", "2")]),
        (
            result(1, models=(checkpoint(A),)),
            result(1, models=(checkpoint(B),)),
            0,
            [("applied/Stable-diffusion/dog.safetensors", "a" * 10, "b" * 10)],
        ),
        (
            result(1, device="A10G"),
            result(1, device="L4"),
            0,
            [("applied/device", "A10G", "L4")],
        ),
        (result(1, device="A10G"), None, 0, [("applied/device", "A10G", "")]),
    ],
)
def test_what_was_applied(
    old: GenerationResult,
    new: GenerationResult | None,
    index: int,
    found: list[tuple[str, str, str]],
) -> None:
    one = ComparedImage(request=request(), result=old)
    other = ComparedImage(request=request(), result=new, index=index)
    told = [(each.field, each.old, each.new) for each in differences(one, other)]
    assert [each for each in told if each[0] != "applied/size" or new] == found


def test_one_without_a_request_has_no_parameters() -> None:
    nothing = ComparedImage(request=None, result=None)
    (first, *_) = differences(nothing, ComparedImage(request=request(), result=None))
    assert (first.field, first.old, first.new) == ("prompt", "", "a dog")
