"""Checks, from the files' headers, that a checkpoint is supported and that other files fit it."""

from collections.abc import Mapping
from typing import Any, Final

from formats.generation.result import ErrorCode
from formats.models.kinds import Family, ModelKind
from formats.models.safetensors_header import Header
from sagemaker_container.engine.files.weights_file import WeightsFile, check_family, file_error
from sagemaker_container.engine.models import shapes
from sagemaker_container.engine.models.checkpoint import INPAINTING_CHANNELS
from sagemaker_container.engine.models.model_config import controlnet_shapes
from sagemaker_container.engine.models.text_encoders import TEXT_ENCODERS

_UNSUPPORTED_CHANNELS: Final = {
    4: None,
    INPAINTING_CHANNELS: None,
    5: "it reads a depth map besides (SD 2 depth)",
    7: "it is an upscaler that reads a small picture (SD x4)",
    8: "it edits pictures by instruction (InstructPix2Pix)",
}
"""Why a checkpoint is not supported, by its UNet's input channels."""
_EDM_MARKERS: Final = ("edm_mean", "edm_vpred.sigma_max")
"""Tensors of Playground 2.5 and CosXL, whose noise no sampler here supports (ComfyUI
supported_models.py)."""
_CONTROLNET_RELATIVES: Final = {
    "lora_controlnet": "a Control-LoRA",
    "difference": "a difference to a base model",
    "task_embedding": "a ControlNet union",
}
"""Files that are not plain ControlNets, by a tensor that only they have."""
_MUST_AGREE: Final = ("block_out_channels", "layers_per_block", "cross_attention_dim")


def check_supported(file: WeightsFile) -> None:
    """Raises JobError(UNSUPPORTED) for a checkpoint that this container can't run."""
    reason = _unsupported_reason(file.header, file.family)
    if reason:
        reason += "; choose an SD 1.x, SD 2.x or SDXL checkpoint."
        raise file_error(ErrorCode.UNSUPPORTED, file.kind, file.name, reason)


def _unsupported_reason(header: Header, family: Family) -> str | None:
    if any(marker in header.tensors for marker in _EDM_MARKERS):
        return "it draws with EDM noise (Playground 2.5, CosXL)"
    if family is Family.UNKNOWN:
        return "it has no text encoder of SD 1.x, 2.x or SDXL in it"
    for layout in TEXT_ENCODERS[family]:
        if not _has_prefix(header, layout.prefix(header)):
            is_refiner = _has_prefix(header, "conditioner.embedders.0.model.")
            return "it is an SDXL refiner" if is_refiner else f"it lacks its {layout.config_name}"
    conv_in = header.tensors.get(f"{shapes.UNET_PREFIX}input_blocks.0.0.weight")
    if conv_in is None:
        return None  # damaged, which loading will report
    channels = conv_in.shape[1]
    return _UNSUPPORTED_CHANNELS.get(channels, f"its UNet reads {channels} channels")


def _has_prefix(header: Header, prefix: str) -> bool:
    return any(name.startswith(prefix) for name in header.tensors)


def check_latents(file: WeightsFile, found: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    """Raises JobError(MODEL_MISMATCH) unless two VAEs' configurations have latents of one shape."""
    if _latent_shape(found) != _latent_shape(own):
        raise file.mismatch_error("its latents have another shape than the checkpoint's.")


def _latent_shape(config: Mapping[str, Any]) -> tuple[int, int]:
    return config["latent_channels"], len(config["block_out_channels"])


def check_fits(file: WeightsFile, checkpoint: WeightsFile) -> None:
    """Check that a file was made for the checkpoint's family, and a ControlNet for its sizes.

    Raises JobError(MODEL_MISMATCH, MODEL_BROKEN, UNSUPPORTED) naming the file.
    """
    check_family(file, checkpoint)
    if file.kind is ModelKind.CONTROLNET:
        _check_controlnet(file, checkpoint)


def _check_controlnet(file: WeightsFile, checkpoint: WeightsFile) -> None:
    for marker, relative in _CONTROLNET_RELATIVES.items():
        if marker in file.header.tensors:
            reason = f"it is {relative}; this container runs plain ControlNets."
            raise file_error(ErrorCode.UNSUPPORTED, file.kind, file.name, reason)
    try:
        found = shapes.controlnet(controlnet_shapes(file))
    except KeyError as error:
        raise file.broken_error(f"it lacks {error.args[0]}; get the file again.") from error
    try:
        wanted = shapes.unet(shapes.below(checkpoint.header, shapes.UNET_PREFIX))
    except KeyError:
        return  # the checkpoint is damaged, which loading will report
    for name in _MUST_AGREE:
        if name in found and found[name] != wanted[name]:
            raise file.mismatch_error("it is made for another base model than the checkpoint.")
