"""diffusers' DPM++ SDE scheduler, with Brownian noise that is never read outside its interval.

diffusers takes the interval from the sigmas, and reads the noise at exp(log(sigma)), which rounding
can put slightly outside. The tree also rounds the ends of its interval to six decimals.
"""

from typing import Any, Final

import torch
from diffusers import DPMSolverSDEScheduler
from diffusers.schedulers.scheduling_dpmsolver_sde import BatchedBrownianTree

_DECIMALS: Final = 6
"""Of the ends of the tree's interval, from its tol=1e-6. Source: torchsde BrownianInterval."""


class BrownianNoise:
    """Noise of a path over all sigmas but 0; the same path for the same seed."""

    def __init__(self, sample: torch.Tensor, sigmas: torch.Tensor, seed: int) -> None:
        low, high = sigmas[sigmas > 0].min().item(), sigmas.max().item()
        self._tree = BatchedBrownianTree(sample, low, high, seed)
        self._ends = round(low, _DECIMALS), round(high, _DECIMALS)

    def __call__(self, sigma: torch.Tensor, sigma_next: torch.Tensor) -> torch.Tensor:
        """Normal noise of the sample's shape for a step between two sigmas of the path.

        A sigma outside of the interval is moved to its end.
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
