"""Reads a VAE's header: where it lies in a file, its configuration, and whether its latents fit."""

from collections.abc import Mapping
from typing import Any

from formats.models.kinds import Family
from sagemaker_container.engine.files import shapes
from sagemaker_container.engine.files.model_file import ModelFile
from sagemaker_container.engine.models.config_dir import packaged


def vae_prefix(file: ModelFile) -> str:
    """What the names of a VAE file's tensors begin with: a checkpoint's prefix, or nothing."""
    return shapes.VAE if any(n.startswith(shapes.VAE) for n in file.header.tensors) else ""


def vae_config(file: ModelFile, prefix: str, family: Family) -> shapes.Config:
    """Its whole configuration. Raises KeyError naming a missing tensor."""
    return packaged(family, "vae") | shapes.vae(shapes.below(file.header, prefix))


def check_latents(file: ModelFile, found: Mapping[str, Any], own: Mapping[str, Any]) -> None:
    """Raises JobError(MODEL_MISMATCH) unless both configurations make latents of one shape."""
    if _latents(found) != _latents(own):
        raise file.mismatch("its latents have another shape than the checkpoint's.")


def _latents(config: Mapping[str, Any]) -> tuple[int, int]:
    return config["latent_channels"], len(config["block_out_channels"])
