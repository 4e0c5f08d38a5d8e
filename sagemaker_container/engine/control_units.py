"""Runs a job's ControlNets together, each with the control mode its unit asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from diffusers import ControlNetModel, MultiControlNetModel
from PIL import Image

from formats.controlnet_unit import ControlMode, ControlNetUnit

LAYER_DECAY: Final = 0.825
"""Per layer away from the middle, in the two modes that are not Balanced.
Source: Mikubill/sd-webui-controlnet scripts/hook.py (soft_injection)."""

Residuals = tuple[list[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Unit:
    """One ControlNet unit, its net loaded and its map at the job's size."""

    net: ControlNetModel
    map: Image.Image
    asked: ControlNetUnit


class ControlUnits(MultiControlNetModel):
    """Diffusers' multi-ControlNet with A1111's control modes; a resting unit costs nothing.

    Balanced is the plain sum. "My prompt is more important" weakens the outer layers.
    "ControlNet is more important" does that too, and steers only the half with the prompt.
    """

    def __init__(self, units: Sequence[Unit], *, guided: bool) -> None:
        super().__init__([unit.net for unit in units])
        self._modes = [unit.asked.control_mode for unit in units]
        self._guided = guided

    def forward(
        self,
        sample: torch.Tensor,
        timestep: Any,
        *,
        controlnet_cond: Sequence[torch.Tensor],
        conditioning_scale: Sequence[float],
        **others: Any,
    ) -> tuple[list[torch.Tensor] | None, torch.Tensor | None]:
        """The sum of all units' residuals; (None, None) when none is at work at this step."""
        total: Residuals | None = None
        rows = zip(self.nets, controlnet_cond, conditioning_scale, self._modes, strict=True)
        for net, picture, scale, mode in rows:
            if scale == 0:
                continue
            down, middle = net(
                sample,
                timestep,
                controlnet_cond=picture,
                conditioning_scale=scale,
                **others,
            )
            steered = steer((down, middle), mode, guided=self._guided)
            total = steered if total is None else _added(total, steered)
        return total or (None, None)


def steer(residuals: Residuals, mode: ControlMode, *, guided: bool) -> Residuals:
    """One net's residuals as its control mode wants them.

    A guided batch is two halves, the negative prompt's first.
    """
    if mode is ControlMode.BALANCED:
        return residuals
    down, middle = residuals
    soft = [r * LAYER_DECAY ** (len(down) - i) for i, r in enumerate(down)]
    if mode is ControlMode.PROMPT or not guided:
        return soft, middle
    return [_prompt_half(r) for r in soft], _prompt_half(middle)


def _prompt_half(residual: torch.Tensor) -> torch.Tensor:
    half = len(residual) // 2
    return torch.cat([torch.zeros_like(residual[:half]), residual[half:]])


def _added(a: Residuals, b: Residuals) -> Residuals:
    return [x + y for x, y in zip(a[0], b[0], strict=True)], a[1] + b[1]
