"""Every family in the real container, with ControlNets and LoRAs of its own."""

import json
from pathlib import Path

import pytest

from formats.keys import model_key
from formats.models.kinds import Family, ModelKind
from tests.container.conftest import BUCKET, Bits, Container, Store

CASES = [
    ("tiny-sd2", "tiny-control-sd2", Family.SD2),
    ("tiny-inpainting", "tiny-control-openpose", Family.SD1),
    ("tiny-xl", "tiny-control-xl", Family.SDXL),
    ("tiny-xl-inpainting", "tiny-control-xl", Family.SDXL),
]


@pytest.fixture(scope="module", autouse=True)
def stored(store: Store, models: Path) -> None:
    for name in {name for case in CASES for name in case[:2]} | {"tiny-xl-lora"}:
        store.put_model(models / f"{name}.safetensors")


@pytest.mark.parametrize("case", CASES)
def test_a_family_generates(
    container: Container, bits: Bits, pose: str, case: tuple[str, str, Family]
) -> None:
    name, net, family = case
    checkpoint = {"checkpoint": f"{name}.safetensors", "steps": 2}
    plain = container.generate(**checkpoint)
    assert plain.models[0].family is family
    assert bits(container.generate(**checkpoint)) == bits(plain)
    steered = container.generate(
        **checkpoint, controlnets=[{"model": f"{net}.safetensors", "image": pose}]
    )
    assert bits(steered) != bits(plain)
    changed = container.generate(**checkpoint, mode="img2img", init_image=pose)
    assert bits(changed) != bits(plain)


def test_an_sdxl_lora_changes_its_three_networks(container: Container, bits: Bits) -> None:
    job = {"checkpoint": "tiny-xl.safetensors", "steps": 2}
    plain = container.generate(**job)
    styled = container.generate(**job, loras=[{"name": "tiny-xl-lora.safetensors", "weight": 0.7}])
    assert (styled.models[1].keys_matched, styled.models[1].keys_unmatched) == (10, 0)
    assert bits(styled) != bits(plain)
    assert bits(container.generate(**job)) == bits(plain)


def test_a_net_of_another_family_is_refused_by_its_header(container: Container, pose: str) -> None:
    unit = {"model": "tiny-control-xl.safetensors", "image": pose}
    answer = container.post(checkpoint="tiny-sd2.safetensors", controlnets=[unit])
    assert (answer.status_code, answer.json()["field"]) == (400, "controlnets")
    assert "tiny-control-xl.safetensors" in answer.json()["message"]


@pytest.mark.parametrize(
    ("name", "side_car", "predicts"),
    [
        ("tiny-noise-v1", None, "epsilon"),
        ("tiny-sd2", None, "epsilon"),
        ("tiny-sd2", {"prediction_type": "v_prediction"}, "v_prediction"),
        (
            "tiny-sd2",
            {"prediction_type": "v_prediction", "rescale_betas_zero_snr": True},
            "v_prediction",
        ),
    ],
)
def test_a_result_says_what_the_checkpoint_predicts(
    container: Container, store: Store, name: str, side_car: dict[str, object] | None, predicts: str
) -> None:
    key = model_key(ModelKind.CHECKPOINT, f"{name}.json")
    if side_car:
        store.put(key, json.dumps(side_car).encode())
    generated = container.generate(checkpoint=f"{name}.safetensors", steps=2, sampler="DPM++ 2S a")
    store.client.delete_object(Bucket=BUCKET, Key=key)
    assert generated.prediction == predicts


@pytest.mark.parametrize(("name", "is_said"), [("tiny-noise-v1", False), ("tiny-xl", True)])
def test_a_clip_skip_that_does_not_count_is_noted(
    container: Container, name: str, is_said: bool
) -> None:
    generated = container.generate(checkpoint=f"{name}.safetensors", steps=2, clip_skip=2)
    assert any("Clip skip" in note for note in generated.notes) is is_said


def test_a_result_names_both_samplers_of_a_hires_job(container: Container) -> None:
    hires = {"scale": 1.5, "denoising_strength": 0.5, "sampler": "Euler a"}
    generated = container.generate(steps=2, hires=hires)
    assert generated.sampler_class == "DPMSolverMultistepScheduler, EulerAncestralDiscreteScheduler"
