"""DPM++ SDE as diffusers has it, whose Brownian noise is asked for within its interval alone.

diffusers takes the interval from the sigmas and asks for exp(log(sigma)), which the processor's
rounding puts a little beyond the ends; the tree besides rounds its ends to six decimals.
"""

from typing import Any, Final

import torch
from diffusers import DPMSolverSDEScheduler
from diffusers.schedulers.scheduling_dpmsolver_sde import BatchedBrownianTree

_DECIMALS: Final = 6
"""Of the tree's ends, which follow from its tol=1e-6. Source: torchsde BrownianInterval."""


class BrownianNoise:
    """Noise of a path over all sigmas but 0; the same path for the same seed."""

    def __init__(self, sample: torch.Tensor, sigmas: torch.Tensor, seed: int) -> None:
        low, high = sigmas[sigmas > 0].min().item(), sigmas.max().item()
        self._tree = BatchedBrownianTree(sample, low, high, seed)
        self._ends = round(low, _DECIMALS), round(high, _DECIMALS)

    def __call__(self, sigma: torch.Tensor, sigma_next: torch.Tensor) -> torch.Tensor:
        """Normal noise of the sample's shape for a step between two sigmas of the path.

        A sigma that rounding put outside stands for the end that it missed.
        """
        noise: torch.Tensor = self._tree(self._within(sigma), self._within(sigma_next))
        return noise / (sigma_next - sigma).abs().sqrt()

    def _within(self, sigma: torch.Tensor) -> float:
        low, high = self._ends
        return min(max(sigma.item(), low), high)


class DPMPPSDEScheduler(DPMSolverSDEScheduler):
    """diffusers' scheduler with `BrownianNoise`, from the seed `noise_sampler_seed`."""

    noise_sampler: BrownianNoise | None
    noise_sampler_seed: int

    def step(
        self, model_output: torch.Tensor, timestep: Any, sample: torch.Tensor, **named: Any
    ) -> Any:
        """One step of the scheduler; see diffusers."""
        if self.noise_sampler is None:
            self.noise_sampler = BrownianNoise(sample, self.sigmas, self.noise_sampler_seed)
        return super().step(model_output, timestep, sample, **named)
