"""Owns the draft: a filled-in form, before it was checked and became requests."""

from collections.abc import Callable

from pydantic import Field

from core.images.outpaint import UncheckedOutpaint
from core.prompts.service import PromptDraft
from formats.generation.controlnet_unit import ControlNetUnit, UncheckedUnitSettings, UnitSettings
from formats.generation.inpaint import Inpaint, InpaintSettings, UncheckedInpaint
from formats.generation.parameters import RANDOM_SEED, parameter_fields
from formats.generation.request import GenerationRequest, LoraUse
from formats.generation.upscaling import UncheckedHires, UncheckedUpscale
from formats.keys import Sha256
from formats.openpose.skeleton import Skeleton

ReadInput = Callable[[Sha256], bytes]
"""Reads an input image by its hash."""


class DraftUnit(UncheckedUnitSettings):
    """A ControlNet unit as the form has it: an uploaded image, or a pose to draw a map of."""

    model: str = ""
    image: bytes | None = Field(default=None, repr=False)
    pose: Skeleton | None = None


class DraftInpaint(UncheckedInpaint):
    """The inpaint settings with the mask itself."""

    mask: bytes | None = Field(default=None, repr=False)


class Draft(PromptDraft):
    """What a form holds. Values may be wrong: `preparing.requests` says so field by field.

    Several checkpoints make one job each; everything else is applied to all of them.
    """

    endpoint: str = ""
    checkpoints: tuple[str, ...] = ()
    vae: str | None = None
    loras: tuple[LoraUse, ...] = ()
    units: tuple[DraftUnit, ...] = ()
    init_image: bytes | None = Field(default=None, repr=False)
    inpaint: DraftInpaint | None = None
    hires: UncheckedHires | None = None
    upscale: UncheckedUpscale | None = None
    """Each counts in the one mode it belongs to."""
    outpaint: UncheckedOutpaint | None = None
    """How far the start image is extended; then what is new is the mask of an inpaint job."""


def draft_of_request(
    request: GenerationRequest, endpoint: str, read: ReadInput, *, resolved: bool = False
) -> Draft:
    """A form filled with a job's parameters, its images included.

    The prompts are those that were sent, or the templates that they came of, but where `resolved`
    asks for the former: its styles are in their text, and none is applied again.
    """
    values = {name: getattr(request, name) for name in parameter_fields()}
    if not request.variation_strength:
        values["variation_seed"] = RANDOM_SEED
    if not resolved:
        values["prompt"] = request.template or request.prompt
        values["negative_prompt"] = request.negative_template or request.negative_prompt
    seed = None if resolved else request.wildcard_seed
    return Draft(
        **values,
        wildcard_seed=RANDOM_SEED if seed is None else seed,
        endpoint=endpoint,
        mode=request.mode,
        checkpoints=(request.checkpoint,) if request.checkpoint else (),
        vae=request.vae,
        loras=request.loras,
        units=tuple(_draft_unit(unit, read) for unit in request.controlnets),
        init_image=read(request.init_image) if request.init_image else None,
        inpaint=_draft_inpaint(request.inpaint, read) if request.inpaint else None,
        hires=request.hires and UncheckedHires(**request.hires.model_dump()),
        upscale=request.upscale and UncheckedUpscale(**request.upscale.model_dump()),
    )


def _draft_inpaint(inpaint: Inpaint, read: ReadInput) -> DraftInpaint:
    settings = {name: getattr(inpaint, name) for name in InpaintSettings.model_fields}
    return DraftInpaint(**settings, mask=read(inpaint.mask))


def _draft_unit(unit: ControlNetUnit, read: ReadInput) -> DraftUnit:
    settings = {name: getattr(unit, name) for name in UnitSettings.model_fields}
    image = None if unit.pose else read(unit.image)
    return DraftUnit(**settings, model=unit.model, pose=unit.pose, image=image)
