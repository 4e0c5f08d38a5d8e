"""The rows of a job's parameter table: what was requested, and what was really applied."""

from collections.abc import Callable, Sequence
from typing import Final

from core.jobs.records import Job
from core.jobs.service import JobDetail
from formats.generation.inpaint import Inpaint, InpaintArea
from formats.generation.parameters import parameter_fields, value_text
from formats.generation.request import GenerationRequest
from formats.generation.result import AppliedModel, GenerationResult, Picture
from formats.generation.upscaling import Hires
from ui.texts import formatting

Rows = list[tuple[str, str]]


def parameter_rows(detail: JobDetail) -> Rows:
    """Name and value of each parameter, in the order of the form."""
    request, result = detail.request, detail.result
    rows = [("Endpoint", detail.job.endpoint)]
    if request:
        rows += _generation(request) if request.mode.uses_checkpoint else _upscale(request)
    if result:
        rows += _result(result)
    return rows + _times(detail.job, result)


def _generation(request: GenerationRequest) -> Rows:
    rows = [
        ("Checkpoint", request.checkpoint or ""),
        ("Mode", request.mode.value),
        *_parameters(request),
        ("VAE", request.vae or "the checkpoint's own"),
    ]
    rows += _inpaint(request.inpaint) if request.inpaint else []
    rows += _hires(request, request.hires) if request.hires else []
    rows += [(f"LoRA {lora.name}", f"{lora.weight:g}") for lora in request.loras]
    for number, unit in enumerate(request.controlnets):
        span = f"{unit.start:g} to {unit.end:g}"
        text = f"{unit.model}, weight {unit.weight:g}, {span}, {unit.control_mode}"
        rows.append((f"ControlNet {number}", text))
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
    return [("Variation", f"{strength} towards seed {request.variation_seed}")]


_SPECIAL: Final[dict[str, Callable[[GenerationRequest], Rows]]] = {
    "prompt": lambda _: [],  # shown above the table
    "negative_prompt": lambda _: [],
    "width": lambda request: [("Size", f"{request.width} x {request.height}")],
    "height": lambda _: [],
    "batch_count": lambda request: [("Batch", f"{request.batch_count} x {request.batch_size}")],
    "batch_size": lambda _: [],
    "variation_seed": _variation,
    "variation_strength": lambda _: [],
}
"""Parameters that share a row, or have none here."""


def _upscale(request: GenerationRequest) -> Rows:
    rows = [("Mode", request.mode.value)]
    if request.upscale:
        rows.append(("Upscaler", request.upscale.upscaler))
        rows.append(("Upscale by", f"{request.upscale.scale:g}"))
    return rows


def _inpaint(inpaint: Inpaint) -> Rows:
    area = inpaint.area.value
    if inpaint.area is InpaintArea.MASKED:
        area += f", padding {inpaint.padding} px"
    return [
        ("Mask mode", "Inpaint not masked" if inpaint.inverted else "Inpaint masked"),
        ("Mask blur", f"{inpaint.blur} px"),
        ("Masked content", inpaint.content.value),
        ("Inpaint area", area),
    ]


def _hires(request: GenerationRequest, hires: Hires) -> Rows:
    width, height = request.size
    return [
        ("Hires size", f"{width} x {height}, {hires.scale:g} times"),
        ("Hires upscaler", hires.upscaler),
        ("Hires steps", str(hires.steps or request.steps)),
        ("Hires sampler", f"{hires.sampler or request.sampler}"),
        ("Hires denoising", f"{hires.denoising_strength:g}"),
    ]


def _result(result: GenerationResult) -> Rows:
    rows = [(f"Used {model.kind.label}", _model(model)) for model in result.models]
    if result.approximate:
        rows.append(("Sampler is approximate", result.approximate))
    if result.tokens is not None:
        rows.append(("Prompt tokens", str(result.tokens)))
    rows += [("Note", note) for note in result.notes]
    return rows + _images(result.pictures)


def _images(images: Sequence[Picture]) -> Rows:
    """Their seeds, and how many other images were in their batch."""
    rows: Rows = []
    if len(images) > 1:
        first, last = images[0], images[-1]
        rows.append(("Seeds", f"{first.seed} to {last.seed}"))
        if first.variation_seed is not None:
            rows.append(("Variation seeds", f"{first.variation_seed} to {last.variation_seed}"))
    batch = max((image.batch for image in images), default=1)
    if batch > 1:
        rows.append(("Drawn together", f"{batch} pictures"))
    return rows


def _model(model: AppliedModel) -> str:
    """`dog.safetensors [0123456789], from disk`: A1111's short hash, and where it came from."""
    tier = f", from {model.tier}" if model.tier else ""
    return f"{model.name} [{model.sha256[:10]}]{tier}"


def _times(job: Job, result: GenerationResult | None) -> Rows:
    rows = [("Asked for", formatting.date_time(job.created_at))]
    if job.started_at:
        rows.append(
            ("Waited", formatting.duration((job.started_at - job.created_at).total_seconds()))
        )
    if result:
        spent = ", ".join(
            f"{stage} {formatting.duration(s)}" for stage, s in result.seconds.items()
        )
        rows.append(("Time spent", spent))
        rows.append(("Drawn on", f"{result.device}, container {result.container}"))
    return rows
