"""The rows of a job's parameter table: what was requested, and what it cost."""

from collections.abc import Callable, Sequence
from typing import Final

from core.jobs.service import JobDetail
from formats.generation.inpaint import Inpaint, InpaintArea
from formats.generation.parameters import parameter_fields, value_text
from formats.generation.request import GenerationRequest
from formats.generation.result import Picture
from formats.generation.upscaling import Hires
from ui.texts import formatting
from ui.texts.jobs import parameter_table as texts

Rows = list[tuple[str, str]]


def parameter_rows(detail: JobDetail, cost: str = "") -> Rows:
    """Name and value of each parameter, in the order of the form, and what the job cost."""
    request, result = detail.request, detail.result
    rows = [(texts.ENDPOINT, detail.job.endpoint)]
    if detail.job.routed_because:
        rows.append((texts.ROUTE, detail.job.routed_because))
    if request:
        rows += _generation(request) if request.mode.uses_checkpoint else _upscale(request)
    if result:
        rows += _images(result.pictures)
    rows.append((texts.ASKED_FOR, formatting.date_time(detail.job.created_at)))
    return [*rows, (texts.COST, cost)] if cost else rows


def _generation(request: GenerationRequest) -> Rows:
    rows = [
        (texts.CHECKPOINT, request.checkpoint or ""),
        (texts.MODE, request.mode.value),
        *([(texts.STYLES, ", ".join(request.styles))] if request.styles else ()),
        *_parameters(request),
        (texts.VAE, request.vae or texts.OWN_VAE),
    ]
    rows += _inpaint(request.inpaint) if request.inpaint else []
    rows += _hires(request, request.hires) if request.hires else []
    rows += [(texts.lora(lora.name), f"{lora.weight:g}") for lora in request.loras]
    for number, unit in enumerate(request.controlnets):
        rows.append((texts.controlnet(number), texts.unit(unit)))
    return rows


def _parameters(request: GenerationRequest) -> Rows:
    """Every declared parameter that counts in the job's mode, related ones in one row."""
    rows = []
    for name, field in parameter_fields().items():
        value = getattr(request, name)
        if name in _SPECIAL:
            rows += _SPECIAL[name](request)
        elif field.is_told(request.mode, value):
            rows.append((field.parameter.label, value_text(value)))
    return rows


def _variation(request: GenerationRequest) -> Rows:
    if not request.variation_strength:
        return []
    strength = value_text(request.variation_strength)
    return [(texts.VARIATION, texts.variation(strength, request.variation_seed))]


_SPECIAL: Final[dict[str, Callable[[GenerationRequest], Rows]]] = {
    "prompt": lambda _: [],  # shown above the table
    "negative_prompt": lambda _: [],
    "width": lambda request: [(texts.SIZE, formatting.image_size(request.width, request.height))],
    "height": lambda _: [],
    "batch_count": lambda request: [
        (texts.BATCH, texts.batches(request.batch_count, request.batch_size))
    ],
    "batch_size": lambda _: [],
    "variation_seed": _variation,
    "variation_strength": lambda _: [],
}
"""Parameters that share a row, or have none here."""


def _upscale(request: GenerationRequest) -> Rows:
    rows = [(texts.MODE, request.mode.value)]
    if request.upscale:
        rows.append((texts.UPSCALER, request.upscale.upscaler))
        rows.append((texts.UPSCALE_BY, f"{request.upscale.scale:g}"))
    return rows


def _inpaint(inpaint: Inpaint) -> Rows:
    area = inpaint.area.value
    if inpaint.area is InpaintArea.MASKED:
        area = texts.padded_area(area, inpaint.padding)
    return [
        (texts.MASK_MODE, formatting.mask_mode(inpaint.inverted)),
        (texts.MASK_BLUR, texts.pixels(inpaint.blur)),
        (texts.MASKED_CONTENT, inpaint.content.value),
        (texts.INPAINT_AREA, area),
    ]


def _hires(request: GenerationRequest, hires: Hires) -> Rows:
    size = formatting.image_size(*request.size)
    return [
        (texts.HIRES_SIZE, texts.hires_size(size, hires.scale)),
        (texts.HIRES_UPSCALER, hires.upscaler),
        (texts.HIRES_STEPS, str(hires.steps or request.steps)),
        (texts.HIRES_SAMPLER, f"{hires.sampler or request.sampler}"),
        (texts.HIRES_DENOISING, f"{hires.denoising_strength:g}"),
    ]


def _images(images: Sequence[Picture]) -> Rows:
    """Their seeds, and how many other images were in their batch."""
    rows: Rows = []
    if len(images) > 1:
        first, last = images[0], images[-1]
        rows.append((texts.SEEDS, texts.seed_range(first.seed, last.seed)))
        if first.variation_seed is not None:
            seeds = texts.seed_range(first.variation_seed, last.variation_seed)
            rows.append((texts.VARIATION_SEEDS, seeds))
    batch = max((image.batch for image in images), default=1)
    if batch > 1:
        rows.append((texts.DRAWN_TOGETHER, texts.images_together(batch)))
    return rows
