"""Counts the work of a job in megapixels that the UNet goes through, by which its time is told."""

from collections.abc import Mapping
from typing import Final

from formats.frozen import Frozen
from formats.generation import infotext
from formats.generation.parameters import Mode
from formats.generation.result import GenerationResult
from formats.generation.samplers import Sampler

_TWICE: Final = frozenset(
    {Sampler.HEUN, Sampler.DPM2, Sampler.DPM2_A, Sampler.DPMPP_SDE, Sampler.DPMPP_2S_A}
)
"""Samplers that ask the UNet twice a step (k-diffusion sampling.py; diffusers' schedulers of
second order)."""

_UNIT: Final = 0.35
"""What a ControlNet adds to a step: its encoder is that half of the UNet that costs less."""

_WITHOUT_GUIDANCE: Final = 0.5
"""At a CFG scale of 1 the negative prompt is not drawn."""


class SecondPass(Frozen):
    """Hires fix, as far as it takes time."""

    scale: float = 2.0
    steps: int | None = None
    strength: float = 0.7
    sampler: Sampler | None = None


class Workload(Frozen):
    """What of a job takes time."""

    steps: int
    width: int
    height: int
    """Of the first pass."""
    images: int = 1
    sampler: Sampler = Sampler.DPMPP_2M
    strength: float = 1.0
    """The share of the steps that is taken: the denoising strength of img2img and inpaint."""
    cfg_scale: float = 7.0
    units: int = 0
    second: SecondPass | None = None

    @property
    def megapixel_steps(self) -> float:
        """Megapixels times the UNet's evaluations, those of the ControlNets as a part of one."""
        first = self.steps * self.strength * _evaluations(self.sampler)
        if self.second:
            steps = (self.second.steps or self.steps) * self.second.strength
            sampler = self.second.sampler or self.sampler
            first += steps * _evaluations(sampler) * self.second.scale**2
        guidance = _WITHOUT_GUIDANCE if self.cfg_scale <= 1 else 1.0
        each = first * guidance * (1 + _UNIT * self.units)
        return each * self.images * self.width * self.height / 1e6

    @property
    def megapixels(self) -> float:
        """Of the finished images."""
        scale = self.second.scale if self.second else 1.0
        return self.images * self.width * self.height * scale**2 / 1e6


def _evaluations(sampler: Sampler) -> int:
    return 2 if sampler in _TWICE else 1


def workload(source: object, mode: Mode, images: int, units: int) -> Workload:
    """Of a form's draft or a request, whose fields are called the same. Raises ValueError for one
    that has a field emptied or wrong, pydantic's included."""
    hires = getattr(source, "hires", None) if mode is Mode.TXT2IMG else None
    strength = getattr(source, "denoising_strength", 1.0)
    names = ("steps", "width", "height", "sampler", "cfg_scale")
    return Workload(
        **{name: getattr(source, name) for name in names},
        images=images,
        strength=1.0 if mode is Mode.TXT2IMG else strength,
        units=units,
        second=SecondPass(
            scale=hires.scale,
            steps=hires.steps,
            strength=hires.denoising_strength,
            sampler=hires.sampler,
        )
        if hires
        else None,
    )


def workload_of_result(steps: int, result: GenerationResult) -> Workload | None:
    """Of a job that ended, by what its images' infotexts tell of it; where they
    tell nothing, its steps at the size of its images. None for one without images."""
    if not result.pictures:
        return None
    first = result.pictures[0]
    told = infotext.read(first.infotext).parameters if _is_readable(first.infotext) else {}
    factor = _float(told, "Hires upscale", 1.0)
    strength = _float(told, "Denoising strength", 1.0)
    sampler = _sampler(told, "Sampler") or Sampler.DPMPP_2M
    second = SecondPass(
        scale=factor,
        steps=round(_float(told, "Hires steps", 0)) or None,
        strength=strength,
        sampler=_sampler(told, "Hires sampler"),
    )
    return Workload(
        steps=steps,
        width=round(first.width / factor),
        height=round(first.height / factor),
        images=len(result.pictures),
        sampler=sampler,
        strength=1.0 if factor > 1 else strength,
        cfg_scale=_float(told, "CFG scale", 7.0),
        units=sum(name.startswith("ControlNet ") for name in told),
        second=second if factor > 1 else None,
    )


def _is_readable(text: str) -> bool:
    return 0 < len(text) <= infotext.MAX_INFOTEXT


def _float(told: Mapping[str, str], name: str, default: float) -> float:
    try:
        return float(told.get(name, default))
    except ValueError:
        return default


def _sampler(told: Mapping[str, str], name: str) -> Sampler | None:
    return next((each for each in Sampler if each.value == told.get(name)), None)
