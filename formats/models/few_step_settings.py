"""The settings that each kind of few-step file was published with, and where a form misses them.

Sources, the projects' own model cards and guides: diffusers' "Latent Consistency Model" and
latent-consistency/lcm-lora-sdxl (2-8 steps, guidance 1-2, LCMScheduler); ByteDance/SDXL-Lightning
(the steps in the file's name, Euler, trailing, no guidance); diffusers' "Stable Diffusion XL
Turbo" (1-4 steps, Euler ancestral, trailing, no guidance); ByteDance/Hyper-SD (DDIM with trailing
spacing, TCD for one step, no guidance; its CFG LoRAs 5-8); tianweiy/DMD2 (4 steps, LCMScheduler,
no guidance). A CFG scale of 1 is no guidance. Samplers and schedule types are named as in
formats.generation.samplers, which stands above this folder.
"""

from collections.abc import Mapping
from typing import Final

from formats.frozen import Frozen
from formats.models import texts
from formats.models.few_step import FewStep, FewStepKind


class Range(Frozen):
    """From the least to the most that gives good images, both included."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Whether a value lies in it."""
        return self.low <= value <= self.high

    def __str__(self) -> str:
        if self.low == self.high:
            return f"{self.low:g}"
        return texts.from_to(f"{self.low:g}", f"{self.high:g}")


class FewStepSettings(Frozen):
    """What a few-step file is best used with."""

    sampler: str
    schedule: str
    steps: int
    cfg_scale: float
    steps_range: Range
    cfg_range: Range


_NO_CFG: Final = Range(low=1, high=2)
"""None at 1; merges of such a file with others bear a little."""
_AUTOMATIC: Final = "Automatic"
_TRAILING: Final = "SGM Uniform"
"""A1111's name of diffusers' trailing spacing."""

_PUBLISHED: Final[Mapping[FewStepKind, FewStepSettings]] = {
    FewStepKind.LCM: FewStepSettings(
        sampler="LCM",
        schedule=_AUTOMATIC,
        steps=6,
        cfg_scale=1.5,
        steps_range=Range(low=2, high=8),
        cfg_range=_NO_CFG,
    ),
    FewStepKind.LIGHTNING: FewStepSettings(
        sampler="Euler",
        schedule=_TRAILING,
        steps=4,
        cfg_scale=1,
        steps_range=Range(low=2, high=8),
        cfg_range=_NO_CFG,
    ),
    FewStepKind.TURBO: FewStepSettings(
        sampler="Euler a",
        schedule=_TRAILING,
        steps=4,
        cfg_scale=1,
        steps_range=Range(low=1, high=8),
        cfg_range=_NO_CFG,
    ),
    FewStepKind.HYPER: FewStepSettings(
        sampler="DDIM",
        schedule=_TRAILING,
        steps=8,
        cfg_scale=1,
        steps_range=Range(low=1, high=8),
        cfg_range=_NO_CFG,
    ),
    FewStepKind.DMD2: FewStepSettings(
        sampler="LCM",
        schedule=_AUTOMATIC,
        steps=4,
        cfg_scale=1,
        steps_range=Range(low=4, high=8),
        cfg_range=_NO_CFG,
    ),
}


def recommended(few_step: FewStep) -> FewStepSettings:
    """What its project recommends, for the steps that the file was distilled for."""
    settings = _PUBLISHED[few_step.kind]
    changes: dict[str, object] = {}
    if few_step.steps is not None:
        most = max(few_step.steps, settings.steps_range.high)
        changes |= {
            "steps": few_step.steps,
            "steps_range": Range(low=few_step.steps, high=most),
        }
    if few_step.kind is FewStepKind.HYPER and few_step.steps == 1:
        changes |= {"sampler": "TCD", "schedule": _AUTOMATIC}
    if few_step.keeps_cfg:
        changes |= {"cfg_scale": 5.0, "cfg_range": Range(low=3, high=8)}
    return settings.model_copy(update=changes)


def misfit(few_step: FewStep, steps: int, cfg_scale: float) -> str | None:
    """What a form's steps and CFG scale do to the images of such a file; None where they fit."""
    best = recommended(few_step)
    if best.steps_range.holds(steps) and best.cfg_range.holds(cfg_scale):
        return None
    return texts.few_step_misfit(few_step.kind, str(best.steps_range), str(best.cfg_range))
