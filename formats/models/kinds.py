"""The kinds of model files, and the families of architectures."""

from enum import StrEnum
from typing import Final

from formats import texts


class ModelKind(StrEnum):
    """What a model file is; the value is its folder below `models/` (A1111's folder names)."""

    CHECKPOINT = "Stable-diffusion"
    LORA = "Lora"
    CONTROLNET = "ControlNet"
    EMBEDDING = "embeddings"
    VAE = "VAE"
    UPSCALER = "ESRGAN"
    ANNOTATOR = "annotators"

    @property
    def label(self) -> str:
        """The word a user reads."""
        return _LABELS[self]


_LABELS: Final = {
    ModelKind.CHECKPOINT: texts.CHECKPOINT,
    ModelKind.LORA: texts.LORA,
    ModelKind.CONTROLNET: texts.CONTROLNET,
    ModelKind.EMBEDDING: texts.EMBEDDING,
    ModelKind.VAE: texts.VAE,
    ModelKind.UPSCALER: texts.UPSCALER,
    ModelKind.ANNOTATOR: texts.ANNOTATOR,
}


class Family(StrEnum):
    """The architecture a file was made for; the value is the word a user reads."""

    SD1 = "SD 1"
    SD2 = "SD 2"
    SDXL = "SDXL"
    UNKNOWN = "unknown"

    def fits(self, other: "Family") -> bool:
        """False only when both are known and differ; an unknown family may fit."""
        return self is other or Family.UNKNOWN in (self, other)


EXTENSIONS: Final = {
    ModelKind.CHECKPOINT: (".safetensors",),
    ModelKind.LORA: (".safetensors",),
    ModelKind.CONTROLNET: (".safetensors",),
    ModelKind.EMBEDDING: (".safetensors", ".pt"),
    ModelKind.VAE: (".safetensors",),
    ModelKind.UPSCALER: (".safetensors", ".pth"),
    ModelKind.ANNOTATOR: (".pth",),
}
"""File extensions that are taken; the ones that may hold a pickle load weights only."""

BODY_NETWORK: Final = "body_pose_model.pth"
"""OpenPose's body network below `models/annotators/` (lllyasviel/ControlNet's name for it)."""


def unsupported_reason(kind: ModelKind, name: str) -> str | None:
    """Why no part of the container would read a file; None where one does."""
    if kind is not ModelKind.ANNOTATOR or name == BODY_NETWORK:
        return None
    return texts.annotator_is_unread(BODY_NETWORK)
