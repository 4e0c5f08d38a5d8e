"""ControlNets: the sum of several, the control modes, the window of steps."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from formats.generation.controlnet_unit import ControlMode, ControlNetUnit
from formats.models.kinds import ModelKind
from sagemaker_container.engine.control.units import (
    ControlNetRunner,
    LoadedUnit,
    apply_control_mode,
)
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.engine.prompt.conditioning import Conditioning
from tests.sagemaker_container.conftest import Opener

UNIT = ControlNetUnit(model="x.safetensors", image="0" * 64)
IMAGE = torch.zeros(2, 3, 64, 64)


@pytest.fixture
def unit(loader: NetworkLoader, opened: Opener, checkpoint: Checkpoint) -> LoadedUnit:
    net = loader.load_controlnet(opened("tiny-control-openpose", ModelKind.CONTROLNET), checkpoint)
    return LoadedUnit(net, UNIT)


CONDITIONS = Conditioning(
    hidden_states=torch.ones(2, 77, 64),
    added_cond=None,
    image_index=torch.tensor([0, 0]),
    num_uncond=1,
    guidance=torch.full((1, 1, 1, 1), 7.0),
)


def with_weight(unit: LoadedUnit, weight: float, **fields: Any) -> LoadedUnit:
    return replace(unit, unit=unit.unit.model_copy(update={"weight": weight, **fields}))


def run(units: list[LoadedUnit], index: int = 0) -> Any:
    controls = ControlNetRunner(units, [IMAGE[:1]] * len(units))
    with torch.no_grad():
        found = controls.residuals(
            torch.ones(2, 4, 8, 8), torch.tensor(500), CONDITIONS, index, count=4
        )
    return tuple(found.values())


def test_a_balanced_unit_is_the_plain_net(unit: LoadedUnit) -> None:
    down, middle = run([with_weight(unit, 0.5)])
    with torch.no_grad():
        wanted, wanted_middle = unit.net(
            torch.ones(2, 4, 8, 8),
            torch.tensor(500),
            torch.ones(2, 77, 64),
            IMAGE,
            0.5,
            return_dict=False,
        )
    assert all(torch.equal(a, b) for a, b in zip(down, wanted, strict=True))
    assert torch.equal(middle, wanted_middle)


def test_units_add_up_and_resting_ones_are_left_out(unit: LoadedUnit) -> None:
    half, none = with_weight(unit, 0.5), with_weight(unit, 0)
    single, _ = run([half])
    double, _ = run([half, half])
    rested, _ = run([half, none])
    assert torch.allclose(double[0], 2 * single[0])
    assert torch.equal(rested[0], single[0])
    assert run([none, none]) == ()


def test_a_unit_works_within_its_window(unit: LoadedUnit) -> None:
    middle = with_weight(unit, 1, start=0.25, end=0.75)
    assert [bool(run([middle], index)) for index in range(4)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("mode", "num_uncond", "factors", "negative"),
    [
        (ControlMode.BALANCED, 1, (1, 1, 1), 1),
        (ControlMode.PROMPT, 1, (0.825**2, 0.825, 1), 1),
        (ControlMode.CONTROL, 1, (0.825**2, 0.825, 1), 0),
        (ControlMode.CONTROL, 0, (0.825**2, 0.825, 1), 1),
    ],
)
def test_control_modes(
    mode: ControlMode, num_uncond: int, factors: tuple[float, ...], negative: int
) -> None:
    ones = torch.ones(2, 1)
    down, middle = apply_control_mode(([ones, ones], ones), mode, num_uncond)
    for found, factor in zip((*down, middle), factors, strict=True):
        assert found[1].item() == pytest.approx(factor)
        assert found[0].item() == pytest.approx(factor * negative)
