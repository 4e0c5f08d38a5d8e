"""The conditioning of a batch at each step, and classifier-free guidance with it.

If an image has several prompts (AND), each one is a row of its own, and their predictions are
added, as in A1111 (modules/sd_samplers_cfg_denoiser.py, combine_denoised) and in Liu et al.,
Compositional Visual Generation with Composable Diffusion Models (2022).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from sagemaker_container.engine.prompt.encoder import EncodedPrompts, PromptEmbeds

CacheKey = tuple[int, ...]


@dataclass(frozen=True)
class Conditioning:
    """What the UNet reads at one step: rows of negative prompts first, then of all prompts."""

    hidden_states: torch.Tensor
    """Rows x tokens x width."""
    added_cond: dict[str, torch.Tensor] | None
    """SDXL's pooled prompts and sizes, diffusers' `added_cond_kwargs`."""
    image_index: torch.Tensor
    """For each row, the index of its image in the batch."""
    num_uncond: int
    """How many rows are negative prompts: one for each image, or none."""
    guidance: torch.Tensor
    """CFG scale times the prompt's own weight, for each prompt: prompts x 1 x 1 x 1."""

    def expand(self, batch: torch.Tensor) -> torch.Tensor:
        """From one entry for each image to one entry for each row."""
        return batch[self.image_index]

    def apply_cfg(self, predicted: torch.Tensor) -> torch.Tensor:
        """From one prediction for each row to one guided prediction for each image."""
        if not self.num_uncond:
            return predicted
        uncond, cond = predicted[: self.num_uncond], predicted[self.num_uncond :]
        index = self.image_index[self.num_uncond :]
        return uncond.index_add(0, index, (cond - uncond[index]) * self.guidance)


class Conditioner:
    """Builds the conditioning of a batch. While nothing changes, the tensors stay the same."""

    def __init__(
        self,
        prompts: Sequence[EncodedPrompts],
        cfg_scale: float,
        time_ids: torch.Tensor | None = None,
    ) -> None:
        """`prompts` has one entry for each image; `time_ids` are SDXL's sizes, 1 x 6."""
        self._prompts = prompts
        self._cfg_scale = cfg_scale
        self._time_ids = time_ids
        self._uses_cfg = cfg_scale > 1 or any(
            len(one.prompt) > 1 or one.prompt[0].weight != 1 for one in prompts
        )
        self._last: tuple[CacheKey, Conditioning] | None = None

    def at_step(self, step: int) -> Conditioning:
        """The conditioning at a step, counted from 0."""
        embeds = [one.negative.at_step(step) for one in self._prompts] if self._uses_cfg else []
        embeds += [prompt.at_step(step) for one in self._prompts for prompt in one.prompt]
        key = tuple(map(id, embeds))
        if self._last is None or self._last[0] != key:
            self._last = key, self._build(embeds)
        return self._last[1]

    def _build(self, embeds: Sequence[PromptEmbeds]) -> Conditioning:
        hidden_states = torch.cat([one.hidden_states for one in embeds])
        cond_index = [i for i, one in enumerate(self._prompts) for _ in one.prompt]
        uncond_index = list(range(len(self._prompts))) if self._uses_cfg else []
        guidance = [p.weight * self._cfg_scale for one in self._prompts for p in one.prompt]
        device = hidden_states.device
        return Conditioning(
            hidden_states=hidden_states,
            added_cond=self._added_cond(embeds),
            image_index=torch.tensor(uncond_index + cond_index, device=device),
            num_uncond=len(uncond_index),
            guidance=torch.tensor(guidance, device=device)[:, None, None, None],
        )

    def _added_cond(self, embeds: Sequence[PromptEmbeds]) -> dict[str, Any] | None:
        pooled = [one.pooled for one in embeds if one.pooled is not None]
        if self._time_ids is None or not pooled:
            return None
        return {
            "text_embeds": torch.cat(pooled),
            "time_ids": self._time_ids.expand(len(pooled), -1),
        }
