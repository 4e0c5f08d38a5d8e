"""ControlNets: the sum of several, the control modes, the window of steps."""

from typing import Any

import pytest
import torch
from PIL import Image

from formats.controlnet_unit import ControlMode, ControlNetUnit
from formats.kinds import ModelKind
from sagemaker_container.engine.checkpoint import Checkpoint
from sagemaker_container.engine.control_units import ControlUnits, Unit, steer
from sagemaker_container.engine.loading import Loader
from tests.engine.conftest import Opener

ASKED = ControlNetUnit(model="x.safetensors", image="0" * 64)
PICTURE = torch.zeros(2, 3, 64, 64)


@pytest.fixture
def unit(loader: Loader, opened: Opener, checkpoint: Checkpoint) -> Unit:
    net = loader.controlnet(opened("tiny-control-openpose", ModelKind.CONTROLNET), checkpoint)
    return Unit(net, Image.new("RGB", (64, 64)), ASKED)


def run(units: list[Unit], scales: list[float]) -> Any:
    net = ControlUnits(units, guided=True)
    with torch.no_grad():
        return net(
            torch.ones(2, 4, 8, 8),
            torch.tensor(500),
            encoder_hidden_states=torch.ones(2, 77, 64),
            controlnet_cond=[PICTURE] * len(units),
            conditioning_scale=scales,
            guess_mode=False,
            return_dict=False,
        )


def test_a_balanced_unit_is_the_plain_net(unit: Unit) -> None:
    down, middle = run([unit], [0.5])
    with torch.no_grad():
        wanted, wanted_middle = unit.net(
            torch.ones(2, 4, 8, 8), torch.tensor(500), torch.ones(2, 77, 64), PICTURE, 0.5,
            return_dict=False,
        )  # fmt: skip
    assert all(torch.equal(a, b) for a, b in zip(down, wanted, strict=True))
    assert torch.equal(middle, wanted_middle)


def test_units_add_up_and_resting_ones_are_left_out(unit: Unit) -> None:
    single, _ = run([unit], [0.5])
    double, _ = run([unit, unit], [0.5, 0.5])
    rested, _ = run([unit, unit], [0.5, 0])
    assert torch.allclose(double[0], 2 * single[0])
    assert torch.equal(rested[0], single[0])
    assert run([unit, unit], [0, 0]) == (None, None)


@pytest.mark.parametrize(
    ("mode", "guided", "factors", "negative"),
    [
        (ControlMode.BALANCED, True, (1, 1, 1), 1),
        (ControlMode.PROMPT, True, (0.825**2, 0.825, 1), 1),
        (ControlMode.CONTROL, True, (0.825**2, 0.825, 1), 0),
        (ControlMode.CONTROL, False, (0.825**2, 0.825, 1), 1),
    ],
)
def test_control_modes(
    mode: ControlMode, guided: bool, factors: tuple[float, ...], negative: int
) -> None:
    ones = torch.ones(2, 1)
    down, middle = steer(([ones, ones], ones), mode, guided=guided)
    for found, factor in zip((*down, middle), factors, strict=True):
        assert found[1].item() == pytest.approx(factor)
        assert found[0].item() == pytest.approx(factor * negative)
