"""Runs a batch's ControlNet units, each in its range of steps and with its control mode."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from diffusers import ControlNetModel
from PIL import Image

from formats.generation.controlnet_unit import ControlMode, ControlNetUnit
from sagemaker_container.engine.prompt.conditioning import Conditioning

LAYER_DECAY: Final = 0.825
"""Per layer away from the middle, in the two modes that are not Balanced.
Source: Mikubill/sd-webui-controlnet scripts/hook.py (soft_injection)."""

Residuals = tuple[list[torch.Tensor], torch.Tensor]
"""Of the down blocks, and of the middle block."""


@dataclass(frozen=True)
class LoadedUnit:
    """A unit of the request with its ControlNet."""

    net: ControlNetModel
    unit: ControlNetUnit

    def is_active(self, index: int, count: int) -> bool:
        """Whether step `index` of `count` is in the unit's range (diffusers' rule)."""
        has_begun = index / count >= self.unit.start
        has_ended = (index + 1) / count > self.unit.end
        return bool(self.unit.weight) and has_begun and not has_ended


class ControlNetRunner:
    """Runs a batch's units at each step and adds their residuals; inactive ones cost nothing.

    Balanced is the plain sum. "My prompt is more important" weakens the outer layers.
    "ControlNet is more important" does that too, and applies to the rows with a prompt only.
    """

    def __init__(self, units: Sequence[LoadedUnit], maps: Sequence[torch.Tensor]) -> None:
        """`maps` has one batch for each unit: images x 3 x height x width, 0 to 1."""
        self._units = units
        self._maps = maps
        self._expanded: tuple[Conditioning, list[torch.Tensor]] | None = None

    def residuals(
        self,
        sample: torch.Tensor,
        timestep: Any,
        conditioning: Conditioning,
        index: int,
        count: int,
    ) -> dict[str, Any]:
        """The UNet's arguments that add the residuals; none if all units are inactive."""
        total: Residuals | None = None
        for loaded, control_map in zip(self._units, self._expand_maps(conditioning), strict=True):
            if not loaded.is_active(index, count):
                continue
            down, middle = loaded.net(
                sample,
                timestep,
                encoder_hidden_states=conditioning.hidden_states,
                controlnet_cond=control_map,
                conditioning_scale=loaded.unit.weight,
                added_cond_kwargs=conditioning.added_cond,
                return_dict=False,
            )
            mode, num_uncond = loaded.unit.control_mode, conditioning.num_uncond
            weighted = apply_control_mode((down, middle), mode, num_uncond)
            total = weighted if total is None else _sum(total, weighted)
        if total is None:
            return {}
        return {
            "down_block_additional_residuals": total[0],
            "mid_block_additional_residual": total[1],
        }

    def _expand_maps(self, conditioning: Conditioning) -> list[torch.Tensor]:
        if self._expanded is None or self._expanded[0] is not conditioning:
            like = conditioning.hidden_states
            maps = [conditioning.expand(batch.to(like.device, like.dtype)) for batch in self._maps]
            self._expanded = conditioning, maps
        return self._expanded[1]


def control_tensor(control_map: Image.Image) -> torch.Tensor:
    """A control map as a ControlNet reads it, 1 x 3 x height x width, 0 to 1."""
    pixels = torch.from_numpy(np.array(control_map.convert("RGB"), dtype=np.float32) / 255)
    return pixels.permute(2, 0, 1)[None]


def apply_control_mode(residuals: Residuals, mode: ControlMode, num_uncond: int) -> Residuals:
    """Weaken a ControlNet's residuals as its control mode says.

    The first `num_uncond` rows are those of negative prompts.
    """
    if mode is ControlMode.BALANCED:
        return residuals
    down, middle = residuals
    soft = [r * LAYER_DECAY ** (len(down) - i) for i, r in enumerate(down)]
    if mode is ControlMode.PROMPT:
        return soft, middle
    return [_zero_uncond(r, num_uncond) for r in soft], _zero_uncond(middle, num_uncond)


def _zero_uncond(residual: torch.Tensor, num_uncond: int) -> torch.Tensor:
    return torch.cat([torch.zeros_like(residual[:num_uncond]), residual[num_uncond:]])


def _sum(a: Residuals, b: Residuals) -> Residuals:
    return [x + y for x, y in zip(a[0], b[0], strict=True)], a[1] + b[1]
