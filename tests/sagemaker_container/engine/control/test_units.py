"""ControlNets: the sum of several, the control modes, the window of steps."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from formats.generation.controlnet_unit import ControlMode, ControlNetUnit
from formats.models.kinds import ModelKind
from sagemaker_container.engine.control.units import ControlUnits, Unit, steer
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.engine.prompt.conditioning import Conditions
from tests.sagemaker_container.conftest import Opener

ASKED = ControlNetUnit(model="x.safetensors", image="0" * 64)
PICTURE = torch.zeros(2, 3, 64, 64)


@pytest.fixture
def unit(loader: NetworkLoader, opened: Opener, checkpoint: Checkpoint) -> Unit:
    net = loader.load_controlnet(opened("tiny-control-openpose", ModelKind.CONTROLNET), checkpoint)
    return Unit(net, ASKED)


CONDITIONS = Conditions(
    states=torch.ones(2, 77, 64),
    added=None,
    pictures=torch.tensor([0, 0]),
    unguided=1,
    factors=torch.full((1, 1, 1, 1), 7.0),
)


def with_weight(unit: Unit, weight: float, **fields: Any) -> Unit:
    return replace(unit, asked=unit.asked.model_copy(update={"weight": weight, **fields}))


def run(units: list[Unit], index: int = 0) -> Any:
    controls = ControlUnits(units, [PICTURE[:1]] * len(units))
    with torch.no_grad():
        found = controls.residuals(
            torch.ones(2, 4, 8, 8), torch.tensor(500), CONDITIONS, index, count=4
        )
    return tuple(found.values())


def test_a_balanced_unit_is_the_plain_net(unit: Unit) -> None:
    down, middle = run([with_weight(unit, 0.5)])
    with torch.no_grad():
        wanted, wanted_middle = unit.net(
            torch.ones(2, 4, 8, 8),
            torch.tensor(500),
            torch.ones(2, 77, 64),
            PICTURE,
            0.5,
            return_dict=False,
        )
    assert all(torch.equal(a, b) for a, b in zip(down, wanted, strict=True))
    assert torch.equal(middle, wanted_middle)


def test_units_add_up_and_resting_ones_are_left_out(unit: Unit) -> None:
    half, none = with_weight(unit, 0.5), with_weight(unit, 0)
    single, _ = run([half])
    double, _ = run([half, half])
    rested, _ = run([half, none])
    assert torch.allclose(double[0], 2 * single[0])
    assert torch.equal(rested[0], single[0])
    assert run([none, none]) == ()


def test_a_unit_works_within_its_window(unit: Unit) -> None:
    middle = with_weight(unit, 1, start=0.25, end=0.75)
    assert [bool(run([middle], index)) for index in range(4)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("mode", "unguided", "factors", "negative"),
    [
        (ControlMode.BALANCED, 1, (1, 1, 1), 1),
        (ControlMode.PROMPT, 1, (0.825**2, 0.825, 1), 1),
        (ControlMode.CONTROL, 1, (0.825**2, 0.825, 1), 0),
        (ControlMode.CONTROL, 0, (0.825**2, 0.825, 1), 1),
    ],
)
def test_control_modes(
    mode: ControlMode, unguided: int, factors: tuple[float, ...], negative: int
) -> None:
    ones = torch.ones(2, 1)
    down, middle = steer(([ones, ones], ones), mode, unguided)
    for found, factor in zip((*down, middle), factors, strict=True):
        assert found[1].item() == pytest.approx(factor)
        assert found[0].item() == pytest.approx(factor * negative)
