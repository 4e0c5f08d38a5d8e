"""Writes the infotext of an image, with A1111's names and in its order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from formats.generation import infotext
from formats.generation.controlnet_unit import (
    DEFAULT_THRESHOLDS,
    ControlMode,
    ControlNetUnit,
    Preprocessor,
)
from formats.generation.extra_networks import split_loras
from formats.generation.fields import ResizeMode
from formats.generation.inpaint import Inpaint, InpaintArea, MaskedContent
from formats.generation.parameters import parameter_fields, value_text
from formats.generation.request import GenerationRequest
from formats.generation.samplers import Sampler, Schedule, resolve
from formats.generation.upscaling import Hires, Upscaler, upscaler_file
from formats.version import VERSION
from sagemaker_container.engine.files.weights_file import WeightsFile
from sagemaker_container.engine.lora.merge import WeightedLora
from sagemaker_container.engine.prompt.embeddings import Embedding
from sagemaker_container.engine.sampling.noise import Seeds

_HASH_DIGITS: Final = 10
"""Of a checkpoint's or VAE's short hash (A1111 modules/sd_models.py)."""

_CONTROLNET_HASH_DIGITS: Final = 8
_RESIZE_MODES: Final = {
    ResizeMode.JUST_RESIZE: "Just Resize",
    ResizeMode.CROP: "Crop and Resize",
    ResizeMode.FILL: "Resize and Fill",
}
"""sd-webui-controlnet's spelling."""


@dataclass(frozen=True)
class UsedFiles:
    """The files of a job that its infotext names."""

    checkpoint: WeightsFile
    vae: WeightsFile | None
    loras: Sequence[WeightedLora]
    controlnets: Sequence[WeightsFile]
    embeddings: Sequence[Embedding] = ()


def write_infotext(request: GenerationRequest, files: UsedFiles, seeds: Seeds) -> str:
    """The text of one image.

    LoRAs that have no tag in the prompt get one, so that the text alone gives the same image in
    other programs.
    """
    parameters: dict[str, object] = {
        **_generation_parameters(request, seeds, files),
        "RNG": "CPU",
        **_controlnets(request.controlnets, files.controlnets),
        **(_hires(request, request.hires) if request.hires else {}),
        **(_inpaint(request.inpaint) if request.inpaint else {}),
        "Lora hashes": _hashes((w.lora.file.stem, w.lora.short_hash) for w in files.loras),
        "TI hashes": _hashes((e.name, e.short_hash) for e in files.embeddings),
        "Wildcard seed": request.wildcard_seed,
        "Version": f"Contrapposto {VERSION}",
    }
    prompt = _with_tags(request.prompt, files.loras)
    templates = {
        infotext.TEMPLATE: request.template,
        infotext.NEGATIVE_TEMPLATE: request.negative_template,
    }
    return infotext.write(prompt, request.negative_prompt, parameters, templates)


def _generation_parameters(
    request: GenerationRequest, seeds: Seeds, files: UsedFiles
) -> dict[str, object]:
    """The request's parameters in A1111's order, with the models after the size."""
    overrides = _overrides(request, seeds)
    entries: dict[str, object] = {}
    for name, field in parameter_fields().items():
        value = overrides.get(name, getattr(request, name))
        if field.parameter.infotext and (name in overrides or field.is_told(request.mode, value)):
            entries[field.parameter.infotext] = None if value is None else value_text(value)
        if name == "height":
            entries |= _models(files)
    return entries


def _overrides(request: GenerationRequest, seeds: Seeds) -> dict[str, object]:
    """Values that differ from the request's; None is not written."""
    has_variation = bool(seeds.variation_strength)
    hires = (
        request.hires
    )  # if there are two passes, A1111 writes the second one's denoising strength
    return {
        **({"denoising_strength": hires.denoising_strength} if hires else {}),
        "schedule": _schedule(request.sampler, request.schedule),
        "width": f"{request.width}x{request.height}",
        "seed": seeds.seed,
        "variation_seed": seeds.variation_seed if has_variation else None,
        "variation_strength": seeds.variation_strength if has_variation else None,
    }


def _models(files: UsedFiles) -> dict[str, object]:
    return {
        "Model hash": files.checkpoint.sha256[:_HASH_DIGITS],
        "Model": files.checkpoint.stem,
        "VAE hash": files.vae and files.vae.sha256[:_HASH_DIGITS],
        "VAE": files.vae and files.vae.name,
    }


def _schedule(sampler: Sampler, schedule: Schedule) -> Schedule:
    """A1111 writes the schedule that Automatic chose, unless that is the sampler's own spacing."""
    resolved = resolve(sampler, schedule)
    return schedule if resolved is Schedule.UNIFORM else resolved


def _hires(request: GenerationRequest, hires: Hires) -> dict[str, object]:
    """The upscaler, and what differs from the first pass."""
    sampler = hires.sampler or request.sampler
    first = _schedule(request.sampler, request.schedule)
    schedule = _schedule(sampler, hires.schedule or request.schedule)
    return {
        "Hires sampler": sampler if sampler is not request.sampler else None,
        "Hires schedule type": schedule if schedule is not first else None,
        "Hires upscale": f"{hires.scale:g}",
        "Hires steps": hires.steps,
        "Hires upscaler": upscaler_name(hires.upscaler),
    }


def _inpaint(inpaint: Inpaint) -> dict[str, object]:
    """What differs from A1111's defaults."""
    only_masked = inpaint.area is InpaintArea.MASKED
    content = inpaint.content
    return {
        "Mask mode": "Inpaint not masked" if inpaint.inverted else None,
        "Mask blur": inpaint.blur or None,
        "Inpaint area": inpaint.area if only_masked else None,
        "Masked area padding": inpaint.padding if only_masked else None,
        "Masked content": content if content is not MaskedContent.ORIGINAL else None,
    }


def upscaler_name(upscaler: Upscaler) -> str:
    """An upscaler's name in A1111: that of its file, without extension."""
    return Path(upscaler).stem if upscaler_file(upscaler) else str(upscaler)


def _controlnets(
    units: Sequence[ControlNetUnit], files: Sequence[WeightsFile]
) -> dict[str, object]:
    """sd-webui-controlnet's entries; inside of one, commas and colons are separators."""
    return {
        f"ControlNet {number}": ", ".join(
            f"{key}: {value}" for key, value in _unit(unit, file).items()
        )
        for number, (unit, file) in enumerate(zip(units, files, strict=True))
    }


def _unit(unit: ControlNetUnit, file: WeightsFile) -> dict[str, object]:
    name = file.stem.replace(",", " ")
    return {
        "Module": unit.preprocessor.value,
        "Model": f"{name} [{file.sha256[:_CONTROLNET_HASH_DIGITS]}]",
        "Weight": unit.weight,
        "Resize Mode": _RESIZE_MODES[unit.resize_mode],
        **_preprocessing(unit),
        "Guidance Start": unit.start,
        "Guidance End": unit.end,
        "Pixel Perfect": unit.preprocessor is not Preprocessor.NONE and unit.resolution is None,
        "Control Mode": ControlMode(unit.control_mode),
    }


def _preprocessing(unit: ControlNetUnit) -> dict[str, object]:
    """Resolution and thresholds, if the preprocessor has them."""
    has_thresholds = unit.preprocessor in DEFAULT_THRESHOLDS
    low, high = unit.thresholds
    return {
        **({"Processor Res": unit.resolution} if unit.resolution else {}),
        **({"Threshold A": low, "Threshold B": high} if has_thresholds else {}),
    }


def _hashes(pairs: Iterable[tuple[str, str]]) -> str | None:
    """`name: hash, ...`, or None if there are none; `infotext.write` quotes it."""
    return ", ".join(f"{name}: {short}" for name, short in pairs) or None


def _with_tags(prompt: str, loras: Sequence[WeightedLora]) -> str:
    _, tagged = split_loras(prompt)
    names = {use.name.lower() for use in tagged}
    untagged = [lora for lora in loras if lora.lora.file.name.lower() not in names]
    return " ".join([prompt, *map(_tag, untagged)]).strip()


def _tag(lora: WeightedLora) -> str:
    weights = f"{lora.unet_weight:g}"
    if lora.text_encoder_weight != lora.unet_weight:
        weights = f"{lora.text_encoder_weight:g}:{lora.unet_weight:g}"
    return f"<lora:{lora.lora.file.stem}:{weights}>"
