"""Every family draws through the real container, with ControlNets and LoRAs of its own."""

from pathlib import Path

import pytest

from formats.kinds import Family
from tests.container.conftest import Bits, Container, Store

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
def test_a_family_draws(
    container: Container, bits: Bits, pose: str, case: tuple[str, str, Family]
) -> None:
    name, net, family = case
    checkpoint = {"checkpoint": f"{name}.safetensors", "steps": 2}
    plain = container.draw(**checkpoint)
    assert plain.models[0].family is family
    assert bits(container.draw(**checkpoint)) == bits(plain)
    steered = container.draw(
        **checkpoint, controlnets=[{"model": f"{net}.safetensors", "image": pose}]
    )
    assert bits(steered) != bits(plain)
    changed = container.draw(**checkpoint, mode="img2img", init_image=pose)
    assert bits(changed) != bits(plain)


def test_an_sdxl_lora_changes_its_three_networks(container: Container, bits: Bits) -> None:
    job = {"checkpoint": "tiny-xl.safetensors", "steps": 2}
    plain = container.draw(**job)
    styled = container.draw(**job, loras=[{"name": "tiny-xl-lora.safetensors", "weight": 0.7}])
    assert (styled.models[1].keys_matched, styled.models[1].keys_unmatched) == (10, 0)
    assert bits(styled) != bits(plain)
    assert bits(container.draw(**job)) == bits(plain)


def test_a_net_of_another_family_is_refused_by_its_header(container: Container, pose: str) -> None:
    unit = {"model": "tiny-control-xl.safetensors", "image": pose}
    answer = container.post(checkpoint="tiny-sd2.safetensors", controlnets=[unit])
    assert (answer.status_code, answer.json()["field"]) == (400, "controlnets")
    assert "tiny-control-xl.safetensors" in answer.json()["message"]
