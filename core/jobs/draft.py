"""Owns the draft: a filled-in form, before it was checked and became requests."""

from pydantic import Field

from core.errors import InvalidDraft, Problem
from formats.frozen import Frozen
from formats.generation.controlnet_unit import ControlMode, Preprocessor
from formats.generation.fields import ResizeMode
from formats.generation.inpaint import InpaintArea, MaskedContent
from formats.generation.request import LoraUse, Mode
from formats.generation.samplers import Sampler, Schedule
from formats.generation.upscaling import LatentUpscaler, PixelUpscaler
from formats.openpose.skeleton import Skeleton

RANDOM_SEED = -1


class DraftUnit(Frozen):
    """A ControlNet unit as the form has it: an uploaded picture, or a pose that is drawn for it.

    The preprocessor and its settings are those of `formats.controlnet_unit`.
    """

    model: str = ""
    picture: bytes | None = None
    pose: Skeleton | None = None
    preprocessor: Preprocessor = Preprocessor.NONE
    resolution: int | None = None
    threshold_a: int | None = None
    threshold_b: int | None = None
    weight: float = 1.0
    start: float = 0.0
    end: float = 1.0
    control_mode: ControlMode = ControlMode.BALANCED
    resize_mode: ResizeMode = ResizeMode.CROP


class DraftInpaint(Frozen):
    """What is drawn anew, as the form has it; settings are those of `formats.inpaint`."""

    mask: bytes | None = Field(default=None, repr=False)
    inverted: bool = False
    blur: int = 4
    content: MaskedContent = MaskedContent.ORIGINAL
    area: InpaintArea = InpaintArea.WHOLE
    padding: int = 32


class DraftHires(Frozen):
    """A second pass at a larger size; settings are those of `formats.upscaling.Hires`."""

    upscaler: str = LatentUpscaler.LATENT.value
    scale: float = 2.0
    steps: int | None = None
    sampler: Sampler | None = None
    schedule: Schedule | None = None
    denoising_strength: float = 0.7


class DraftUpscale(Frozen):
    """How much larger the picture gets, and by what."""

    upscaler: str = PixelUpscaler.LANCZOS.value
    scale: float = 2.0


class Draft(Frozen):
    """What a form holds; values may be wrong, `core.drafting` says so field by field.

    Several checkpoints make one job each; everything else is applied to all of them.
    """

    endpoint: str = ""
    checkpoints: tuple[str, ...] = ()
    vae: str | None = None
    loras: tuple[LoraUse, ...] = ()
    units: tuple[DraftUnit, ...] = ()
    mode: Mode = Mode.TXT2IMG
    prompt: str = ""
    negative_prompt: str = ""
    sampler: Sampler = Sampler.DPMPP_2M
    schedule: Schedule = Schedule.AUTOMATIC
    steps: int = 20
    cfg_scale: float = 7.0
    width: int = 512
    height: int = 512
    seed: int = RANDOM_SEED
    variation_seed: int = RANDOM_SEED
    variation_strength: float = 0.0
    exact: bool = False
    batch_size: int = 1
    batch_count: int = 1
    clip_skip: int = 1
    init_picture: bytes | None = Field(default=None, repr=False)
    denoising_strength: float = 0.75
    resize_mode: ResizeMode = ResizeMode.JUST_RESIZE
    inpaint: DraftInpaint | None = None
    hires: DraftHires | None = None
    upscale: DraftUpscale | None = None
    """Each counts in the one mode it belongs to."""


def refuse(*problems: Problem) -> None:
    """Raise InvalidDraft where there is any problem."""
    if problems:
        raise InvalidDraft(problems)
