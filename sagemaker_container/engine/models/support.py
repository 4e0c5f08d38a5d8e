"""Tells from the headers whether a checkpoint can be used, and whether other files fit it."""

from collections.abc import Mapping
from typing import Any, Final

from formats.generation.result import ErrorCode
from formats.models.kinds import Family, ModelKind
from formats.models.safetensors_header import Header
from sagemaker_container.engine.files.weights_file import WeightsFile, check_family, file_error
from sagemaker_container.engine.models import shapes
from sagemaker_container.engine.models.checkpoint import INPAINTING_CHANNELS
from sagemaker_container.engine.models.model_config import controlnet_shapes
from sagemaker_container.engine.models.text_encoders import SOURCES

_READS: Final = {
    4: None,
    INPAINTING_CHANNELS: None,
    5: "it reads a depth map besides (SD 2 depth)",
    7: "it is an upscaler that reads a small picture (SD x4)",
    8: "it edits pictures by instruction (InstructPix2Pix)",
}
"""By the channels that its UNet reads, why a checkpoint can't be used."""
_EDM: Final = ("edm_mean", "edm_vpred.sigma_max")
"""Markers of Playground 2.5 and CosXL, whose noise no sampler here knows (ComfyUI
supported_models.py)."""
_RELATIVES: Final = {
    "lora_controlnet": "a Control-LoRA",
    "difference": "a difference to a base model",
    "task_embedding": "a ControlNet union",
}
"""By a tensor that only they have; refused by name."""
_MUST_AGREE: Final = ("block_out_channels", "layers_per_block", "cross_attention_dim")


def check_supported(file: WeightsFile) -> None:
    """Raises JobError(UNSUPPORTED) for a checkpoint that this version can't draw with."""
    reason = _reason(file.header, file.family)
    if reason:
        reason += "; choose an SD 1.x, SD 2.x or SDXL checkpoint."
        raise file_error(ErrorCode.UNSUPPORTED, file.kind, file.name, reason)


def _reason(header: Header, family: Family) -> str | None:
    if any(mark in header.tensors for mark in _EDM):
        return "it draws with EDM noise (Playground 2.5, CosXL)"
    if family is Family.UNKNOWN:
        return "it has no text encoder of SD 1.x, 2.x or SDXL in it"
    for source in SOURCES[family]:
        if not _has(header, source.prefix(header)):
            is_refiner = _has(header, "conditioner.embedders.0.model.")
            return "it is an SDXL refiner" if is_refiner else f"it lacks its {source.part}"
    conv_in = header.tensors.get(f"{shapes.UNET_PREFIX}input_blocks.0.0.weight")
    if conv_in is None:
        return None  # damaged, as its loader will say
    channels = conv_in.shape[1]
    return _READS.get(channels, f"its UNet reads {channels} channels")


def _has(header: Header, prefix: str) -> bool:
    return any(name.startswith(prefix) for name in header.tensors)


def check_latents(file: WeightsFile, found: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    """Raises JobError(MODEL_MISMATCH) unless both configurations make latents of one shape."""
    if _latents(found) != _latents(own):
        raise file.mismatch("its latents have another shape than the checkpoint's.")


def _latents(config: Mapping[str, Any]) -> tuple[int, int]:
    return config["latent_channels"], len(config["block_out_channels"])


def check_fits(file: WeightsFile, checkpoint: WeightsFile) -> None:
    """From the two headers, whether a file was made for what the checkpoint is.

    Raises JobError(MODEL_MISMATCH, MODEL_BROKEN, UNSUPPORTED) naming the file.
    """
    check_family(file, checkpoint)
    if file.kind is ModelKind.CONTROLNET:
        _check_controlnet(file, checkpoint)


def _check_controlnet(file: WeightsFile, checkpoint: WeightsFile) -> None:
    for mark, what in _RELATIVES.items():
        if mark in file.header.tensors:
            reason = f"it is {what}; this container runs plain ControlNets."
            raise file_error(ErrorCode.UNSUPPORTED, file.kind, file.name, reason)
    try:
        found = shapes.controlnet(controlnet_shapes(file))
    except KeyError as error:
        raise file.broken(f"it lacks {error.args[0]}; get the file again.") from error
    try:
        wanted = shapes.unet(shapes.below(checkpoint.header, shapes.UNET_PREFIX))
    except KeyError:
        return  # the checkpoint is what is broken, as its loader will say
    for name in _MUST_AGREE:
        if name in found and found[name] != wanted[name]:
            raise file.mismatch("it is made for another base model than the checkpoint.")
