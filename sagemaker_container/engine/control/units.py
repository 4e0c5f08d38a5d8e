"""Runs a batch's ControlNets together, each in its window and with its unit's control mode."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from diffusers import ControlNetModel
from PIL import Image

from formats.generation.controlnet_unit import ControlMode, ControlNetUnit
from sagemaker_container.engine.prompt.conditioning import Conditions

LAYER_DECAY: Final = 0.825
"""Per layer away from the middle, in the two modes that are not Balanced.
Source: Mikubill/sd-webui-controlnet scripts/hook.py (soft_injection)."""

Residuals = tuple[list[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Unit:
    """One ControlNet unit, its net loaded."""

    net: ControlNetModel
    asked: ControlNetUnit

    def is_at_work(self, index: int, count: int) -> bool:
        """Whether step `index` of `count` lies in its window (diffusers' rule)."""
        asked = self.asked
        begun, over = index / count >= asked.start, (index + 1) / count > asked.end
        return bool(asked.weight) and begun and not over


class ControlUnits:
    """A batch's units with their maps; a unit that rests costs nothing.

    Balanced is the plain sum. "My prompt is more important" weakens the outer layers.
    "ControlNet is more important" does that too, and steers only the rows with a prompt.
    """

    def __init__(self, units: Sequence[Unit], maps: Sequence[torch.Tensor]) -> None:
        """`maps` has for each unit pictures x 3 x height x width, 0 to 1."""
        self._units = units
        self._maps = maps
        self._spread: tuple[Conditions, list[torch.Tensor]] | None = None

    def residuals(
        self, sample: torch.Tensor, timestep: Any, conditions: Conditions, index: int, count: int
    ) -> dict[str, Any]:
        """What the UNet is to add, by the names of its arguments; nothing where all units rest."""
        total: Residuals | None = None
        rows = zip(self._units, self._maps_for(conditions), strict=True)
        for unit, picture in rows:
            if not unit.is_at_work(index, count):
                continue
            down, middle = unit.net(
                sample,
                timestep,
                encoder_hidden_states=conditions.states,
                controlnet_cond=picture,
                conditioning_scale=unit.asked.weight,
                added_cond_kwargs=conditions.added,
                return_dict=False,
            )
            steered = steer((down, middle), unit.asked.control_mode, conditions.unguided)
            total = steered if total is None else _added(total, steered)
        if total is None:
            return {}
        return {
            "down_block_additional_residuals": total[0],
            "mid_block_additional_residual": total[1],
        }

    def _maps_for(self, conditions: Conditions) -> list[torch.Tensor]:
        if self._spread is None or self._spread[0] is not conditions:
            like = conditions.states
            spread = [conditions.spread(batch.to(like.device, like.dtype)) for batch in self._maps]
            self._spread = conditions, spread
        return self._spread[1]


def as_map(image: Image.Image) -> torch.Tensor:
    """A control map as its net reads it, 1 x 3 x height x width, 0 to 1."""
    pixels = torch.from_numpy(np.array(image.convert("RGB"), dtype=np.float32) / 255)
    return pixels.permute(2, 0, 1)[None]


def steer(residuals: Residuals, mode: ControlMode, unguided: int) -> Residuals:
    """One net's residuals as its control mode wants them.

    The first `unguided` rows are those of negative prompts.
    """
    if mode is ControlMode.BALANCED:
        return residuals
    down, middle = residuals
    soft = [r * LAYER_DECAY ** (len(down) - i) for i, r in enumerate(down)]
    if mode is ControlMode.PROMPT:
        return soft, middle
    return [_prompts_only(r, unguided) for r in soft], _prompts_only(middle, unguided)


def _prompts_only(residual: torch.Tensor, unguided: int) -> torch.Tensor:
    return torch.cat([torch.zeros_like(residual[:unguided]), residual[unguided:]])


def _added(a: Residuals, b: Residuals) -> Residuals:
    return [x + y for x, y in zip(a[0], b[0], strict=True)], a[1] + b[1]
