"""Refuses from its files' first bytes a job that can't be drawn, before any of them is fetched.

Files on this machine's disk were held against their whole architecture when they were loaded, and
are not again.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from accelerate import init_empty_weights
from diffusers import AutoencoderKL, UNet2DConditionModel

from formats.kinds import ModelKind
from formats.result import ErrorCode
from sagemaker_container.engine import shapes
from sagemaker_container.engine.checkpoint_file import check_supported, unet_config
from sagemaker_container.engine.config_dir import packaged
from sagemaker_container.engine.controlnet_file import check_fits
from sagemaker_container.engine.embeddings import PAIR, check_widths
from sagemaker_container.engine.lora_file import layer_names
from sagemaker_container.engine.lora_names import TEXT_PREFIXES, unet_names
from sagemaker_container.engine.model_file import ModelFile
from sagemaker_container.engine.text_encoders import SOURCES
from sagemaker_container.errors import JobError


def check_together(checkpoint: ModelFile, others: Sequence[ModelFile], clip_skip: int) -> None:
    """Raises JobError naming the file that is damaged or doesn't fit, or the field."""
    check_supported(checkpoint)
    for file in others:
        check_fits(file, checkpoint)
    try:
        _check_checkpoint(checkpoint, clip_skip)
    except KeyError as error:
        raise checkpoint.broken(f"it lacks {error.args[0]}; get the file again.") from error
    for file in others:
        if file.kind is ModelKind.VAE:
            _check_vae_file(file, checkpoint)
        if file.kind is ModelKind.EMBEDDING and file.header.tensors:
            _check_embedding(file, checkpoint)
        if file.kind is ModelKind.LORA and not _is_here(file):
            _check_lora(file, checkpoint)


def _check_checkpoint(file: ModelFile, clip_skip: int) -> None:
    for source, config in _text_encoders(file):
        layers = config["num_hidden_layers"]
        if source.reading.get("takes_clip_skip", True) and clip_skip > layers:
            message = f"This checkpoint's text encoder has {layers} layers."
            raise JobError(ErrorCode.BAD_REQUEST, message, "clip_skip")
    if _is_here(file):
        return
    found = shapes.below(file.header, shapes.UNET)
    _check_whole(file, UNet2DConditionModel, unet_config(file), found)
    found = shapes.below(file.header, shapes.VAE)
    _check_whole(file, AutoencoderKL, packaged(file.family, "vae") | shapes.vae(found), found)


def _check_vae_file(file: ModelFile, checkpoint: ModelFile) -> None:
    prefix = shapes.VAE if any(n.startswith(shapes.VAE) for n in file.header.tensors) else ""
    found = shapes.below(file.header, prefix)
    try:
        config = shapes.vae(found)
    except KeyError as error:
        raise file.broken(f"it lacks {error.args[0]}; get the file again.") from error
    own = shapes.vae(shapes.below(checkpoint.header, shapes.VAE))
    if _latents(config) != _latents(own):
        raise file.mismatch("its latents have another shape than the checkpoint's.")
    if not _is_here(file):
        _check_whole(file, AutoencoderKL, packaged(checkpoint.family, "vae") | config, found)


def _check_embedding(file: ModelFile, checkpoint: ModelFile) -> None:
    tensors = file.header.tensors
    named = [tensors[name] for name in PAIR if name in tensors] or list(tensors.values())
    widths = [config["hidden_size"] for _, config in _text_encoders(checkpoint)]
    check_widths(file, [tensor.shape[-1] for tensor in named], widths)


def _check_lora(file: ModelFile, checkpoint: ModelFile) -> None:
    """That it has a layer of the UNet, or one of a text encoder; their sizes are checked later."""
    with init_empty_weights():
        unet = UNet2DConditionModel.from_config(unet_config(checkpoint))
    known = {name for name, _ in unet_names(unet)}
    layers = layer_names(file.header.tensors)
    if not known & layers and not any(name.startswith(TEXT_PREFIXES) for name in layers):
        raise file.mismatch("none of its layers exist in the checkpoint.")


def _text_encoders(file: ModelFile) -> list[tuple[Any, shapes.Config]]:
    """A checkpoint's, each with the configuration that its shapes imply."""
    found = []
    for source in SOURCES[file.family]:
        mine = shapes.below(file.header, source.prefix(file.header))
        read = shapes.open_clip if source.is_open_clip else shapes.text_encoder
        found.append((source, read(mine)))
    return found


def _check_whole(file: ModelFile, kind: Any, config: shapes.Config, found: shapes.Shapes) -> None:
    try:
        with init_empty_weights():
            wanted = len(kind.from_config(config).state_dict())
    except ValueError as error:
        raise file.broken(f"its architecture is unknown: {error}") from error
    if len(found) < wanted:
        raise file.broken(
            f"its {'VAE' if kind is AutoencoderKL else 'UNet'} has {len(found)} of {wanted} "
            "tensors; get the file again."
        )


def _latents(config: shapes.Config) -> tuple[int, int]:
    """What decides about the shape of a VAE's latents."""
    return config["latent_channels"], len(config["block_out_channels"])


def _is_here(file: ModelFile) -> bool:
    return file.path != Path()
