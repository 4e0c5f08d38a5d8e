"""Tells from a checkpoint's header whether this container can draw with it, and if not, why."""

from typing import Final

from formats.generation.result import ErrorCode
from formats.models.kinds import Family
from formats.models.safetensors_header import Header
from sagemaker_container.engine.files import shapes
from sagemaker_container.engine.files.model_file import ModelFile, refuse
from sagemaker_container.engine.models.checkpoint import INPAINTING_CHANNELS
from sagemaker_container.engine.models.config_dir import packaged
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


def check_supported(file: ModelFile) -> None:
    """Raises JobError(UNSUPPORTED) for a checkpoint that this version can't draw with."""
    reason = _reason(file.header, file.family)
    if reason:
        reason += "; choose an SD 1.x, SD 2.x or SDXL checkpoint."
        raise refuse(ErrorCode.UNSUPPORTED, file.kind, file.name, reason)


def unet_config(file: ModelFile) -> shapes.Config:
    """The UNet's whole configuration. Raises KeyError naming a missing tensor."""
    found = shapes.unet(shapes.below(file.header, shapes.UNET))
    config = packaged(file.family, "unet") | found
    if file.family is not Family.SD1:
        config["attention_head_dim"] = shapes.heads(config["block_out_channels"])
    return config


def _reason(header: Header, family: Family) -> str | None:
    if any(mark in header.tensors for mark in _EDM):
        return "it draws with EDM noise (Playground 2.5, CosXL)"
    if family is Family.UNKNOWN:
        return "it has no text encoder of SD 1.x, 2.x or SDXL in it"
    for source in SOURCES[family]:
        if not _has(header, source.prefix(header)):
            is_refiner = _has(header, "conditioner.embedders.0.model.")
            return "it is an SDXL refiner" if is_refiner else f"it lacks its {source.part}"
    conv_in = header.tensors.get(f"{shapes.UNET}input_blocks.0.0.weight")
    if conv_in is None:
        return None  # damaged, as its loader will say
    channels = conv_in.shape[1]
    return _READS.get(channels, f"its UNet reads {channels} channels")


def _has(header: Header, prefix: str) -> bool:
    return any(name.startswith(prefix) for name in header.tensors)
