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
from sagemaker_container.texts import models as texts

_UNSUPPORTED_CHANNELS: Final = {
    4: None,
    INPAINTING_CHANNELS: None,
    5: texts.IS_DEPTH,
    7: texts.IS_UPSCALER,
    8: texts.IS_INSTRUCT,
}
"""Why a checkpoint is not supported, by its UNet's input channels."""
_EDM_MARKERS: Final = ("edm_mean", "edm_vpred.sigma_max")
"""Tensors of Playground 2.5 and CosXL, whose noise no sampler here supports (ComfyUI
supported_models.py)."""
_CONTROLNET_RELATIVES: Final = {
    "lora_controlnet": texts.IS_CONTROL_LORA,
    "difference": texts.IS_DIFFERENCE,
    "task_embedding": texts.IS_UNION,
}
"""Why a file is no plain ControlNet, by a tensor that only such files have."""
_MUST_AGREE: Final = ("block_out_channels", "layers_per_block", "cross_attention_dim")


def check_supported(file: WeightsFile) -> None:
    """Raises JobError(UNSUPPORTED) for a checkpoint that this container can't run."""
    reason = _unsupported_reason(file.header, file.family)
    if reason:
        raise file_error(ErrorCode.UNSUPPORTED, file.kind, file.name, reason)


def _unsupported_reason(header: Header, family: Family) -> str | None:
    if any(marker in header.tensors for marker in _EDM_MARKERS):
        return texts.IS_EDM
    if family is Family.UNKNOWN:
        return texts.NO_TEXT_ENCODER
    for layout in TEXT_ENCODERS[family]:
        if not _has_prefix(header, layout.prefix(header)):
            is_refiner = _has_prefix(header, "conditioner.embedders.0.model.")
            lacks = texts.lacks_text_encoder(layout.config_name)
            return texts.IS_REFINER if is_refiner else lacks
    conv_in = header.tensors.get(f"{shapes.UNET_PREFIX}input_blocks.0.0.weight")
    if conv_in is None:
        return None  # damaged, which loading will report
    channels = conv_in.shape[1]
    return _UNSUPPORTED_CHANNELS.get(channels, texts.unknown_channels(channels))


def _has_prefix(header: Header, prefix: str) -> bool:
    return any(name.startswith(prefix) for name in header.tensors)


def check_latents(file: WeightsFile, found: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    """Raises JobError(MODEL_MISMATCH) unless two VAEs' configurations have latents of one shape."""
    if _latent_shape(found) != _latent_shape(own):
        raise file.mismatch_error(texts.OTHER_LATENTS)


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
    for marker, reason in _CONTROLNET_RELATIVES.items():
        if marker in file.header.tensors:
            raise file_error(ErrorCode.UNSUPPORTED, file.kind, file.name, reason)
    try:
        found = shapes.controlnet(controlnet_shapes(file))
    except KeyError as error:
        raise file.broken_error(texts.lacks_tensor(error.args[0])) from error
    try:
        wanted = shapes.unet(shapes.below(checkpoint.header, shapes.UNET_PREFIX))
    except KeyError:
        return  # the checkpoint is damaged, which loading will report
    for name in _MUST_AGREE:
        if name in found and found[name] != wanted[name]:
            raise file.mismatch_error(texts.OTHER_BASE)
