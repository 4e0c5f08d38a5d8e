"""Draws a job's pictures batch by batch, and tells how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from sagemaker_container.engine.job_run import JobRun, Ready
from sagemaker_container.engine.noise import Seeds
from sagemaker_container.engine.sampling import Pass, Row


def paint(run: JobRun) -> None:
    """Draw and store all pictures of a job. Raises JobCancelled, JobError."""
    ready = run.prepare()
    painter = _Painter(run, ready)
    for seeds in ready.batches:
        for latent, one in zip(painter.batch(seeds), seeds, strict=True):
            run.add(ready, latent, one)


@dataclass
class _Painter:
    run: JobRun
    ready: Ready

    def batch(self, seeds: Sequence[Seeds]) -> torch.Tensor:
        """Finished latents of one batch."""
        drawings, hires, run = self.ready.drawings, self.ready.hires, self.run
        first, second = drawings.first, drawings.second
        drawn = self._drawn(first.shared, [first.row(one) for one in seeds])
        if hires is None:
            return drawn
        with run.record.timed("enlarge"):
            larger = [hires.enlarged(latent, run.monitor.check) for latent in drawn]
        if second is None:
            return torch.cat(larger)
        over = [second.over(start).row(one) for start, one in zip(larger, seeds, strict=True)]
        return self._drawn(second.shared, over)

    def _drawn(self, shared: Pass, rows: Sequence[Row]) -> torch.Tensor:
        run, before, count = self.run, self.run.made, shared.plan.count
        colours, steps = self.ready.models.colours, self.ready.steps

        def on_step(done: int, of: int, now: torch.Tensor) -> None:
            # Second-order samplers call twice a step; the user counts steps.
            run.made = before + round(done * count / of)
            run.monitor.step(run.made, steps, lambda: colours.preview(now))

        with run.record.timed("draw"):
            return shared.latents(rows, on_step)
