"""Puts together what the UNet reads at each step for all pictures of a batch, and weighs it.

Several prompts of one picture (AND) are read one by one and added up, as in A1111
(modules/sd_samplers_cfg_denoiser.py, combine_denoised) and in Liu et al., Compositional Visual
Generation with Composable Diffusion Models (2022).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from sagemaker_container.engine.prompt.encoder import Encoded, Reading

Key = tuple[int, ...]


@dataclass(frozen=True)
class Conditions:
    """What is read at one step: first the negative prompt of each picture, then all prompts."""

    states: torch.Tensor
    """Rows x tokens x width."""
    added: dict[str, torch.Tensor] | None
    """SDXL's pooled prompts and sizes, as its UNet and its ControlNets want them."""
    pictures: torch.Tensor
    """Of each row, the number of its picture."""
    unguided: int
    """How many of the rows are negative prompts: one for each picture, or none."""
    factors: torch.Tensor
    """How much each prompt counts: CFG scale times its own weight; prompts x 1 x 1 x 1."""

    def spread(self, batch: torch.Tensor) -> torch.Tensor:
        """A row for each row of the conditions from a row for each picture."""
        return batch[self.pictures]

    def combined(self, predicted: torch.Tensor) -> torch.Tensor:
        """One prediction for each picture: the negative prompt's, and from there to the others."""
        if not self.unguided:
            return predicted
        start, others = predicted[: self.unguided], predicted[self.unguided :]
        wanted = self.pictures[self.unguided :]
        return start.index_add(0, wanted, (others - start[wanted]) * self.factors)


class Prompter:
    """Knows the prompts of a batch's pictures. Where nothing changes, the tensors stay the same."""

    def __init__(
        self, encoded: Sequence[Encoded], cfg_scale: float, time_ids: torch.Tensor | None = None
    ) -> None:
        """`time_ids` are SDXL's sizes, 1 x 6."""
        self._encoded = encoded
        self._scale = cfg_scale
        self._time_ids = time_ids
        self._is_guided = cfg_scale > 1 or any(
            len(one.prompt) > 1 or one.prompt[0].weight != 1 for one in encoded
        )
        self._known: tuple[Key, Conditions] | None = None

    def at(self, step: int) -> Conditions:
        """What counts at a step, counted from 0."""
        readings = [one.negative.at(step) for one in self._encoded] if self._is_guided else []
        readings += [line.at(step) for one in self._encoded for line in one.prompt]
        key = tuple(map(id, readings))
        if self._known is None or self._known[0] != key:
            self._known = key, self._together(readings)
        return self._known[1]

    def _together(self, readings: Sequence[Reading]) -> Conditions:
        states = torch.cat([reading.states for reading in readings])
        of_prompts = [i for i, one in enumerate(self._encoded) for _ in one.prompt]
        negatives = list(range(len(self._encoded))) if self._is_guided else []
        factors = [line.weight * self._scale for one in self._encoded for line in one.prompt]
        device = states.device
        return Conditions(
            states=states,
            added=self._added(readings),
            pictures=torch.tensor(negatives + of_prompts, device=device),
            unguided=len(negatives),
            factors=torch.tensor(factors, device=device)[:, None, None, None],
        )

    def _added(self, readings: Sequence[Reading]) -> dict[str, Any] | None:
        pooled = [reading.pooled for reading in readings if reading.pooled is not None]
        if self._time_ids is None or not pooled:
            return None
        return {
            "text_embeds": torch.cat(pooled),
            "time_ids": self._time_ids.expand(len(pooled), -1),
        }
