"""Checks, from the headers alone, that a job's files are complete and fit together.

Files on this machine's disk are not checked again for completeness: they were when loaded.
"""

from collections.abc import Sequence
from typing import Any

from accelerate import init_empty_weights
from diffusers import AutoencoderKL, UNet2DConditionModel

from formats.generation.result import ErrorCode
from formats.models.kinds import ModelKind
from sagemaker_container.engine.files.weights_file import WeightsFile, file_error
from sagemaker_container.engine.lora.file import layer_names
from sagemaker_container.engine.lora.keys import TEXT_ENCODER_PREFIXES, unet_keys
from sagemaker_container.engine.models import shapes
from sagemaker_container.engine.models.model_config import unet_config, vae_config
from sagemaker_container.engine.models.support import check_fits, check_latents, refuse_wrong_shapes
from sagemaker_container.engine.models.text_encoders import TEXT_ENCODERS, check_clip_skip
from sagemaker_container.engine.models.vae_layout import vae_prefix, vae_shapes
from sagemaker_container.engine.prompt.embeddings import check_widths, for_each_encoder
from sagemaker_container.texts import models as texts


def check_headers(checkpoint: WeightsFile, others: Sequence[WeightsFile], clip_skip: int) -> None:
    """Raises JobError naming the file that is damaged or doesn't fit, or the request's field."""
    for file in others:
        check_fits(file, checkpoint)
    with refuse_wrong_shapes(checkpoint):
        _check_checkpoint(checkpoint, clip_skip)
    for file in others:
        if file.kind is ModelKind.VAE:
            _check_vae(file, checkpoint)
        if file.kind is ModelKind.EMBEDDING and file.header.tensors:
            _check_embedding(file, checkpoint)
    _check_loras([file for file in others if file.kind is ModelKind.LORA], checkpoint)


def _check_checkpoint(file: WeightsFile, clip_skip: int) -> None:
    for layout, config in _text_encoders(file):
        if layout.options.get("uses_clip_skip", True):
            check_clip_skip(clip_skip, config["num_hidden_layers"])
    if not file.is_on_disk:
        _check_complete(file, UNet2DConditionModel, unet_config(file), shapes.UNET_PREFIX)
        if not vae_shapes(file.header, shapes.VAE_PREFIX):
            raise file_error(ErrorCode.UNSUPPORTED, file.kind, file.name, texts.NO_VAE)
        vae = vae_config(file, shapes.VAE_PREFIX, file.family)
        _check_complete(file, AutoencoderKL, vae, shapes.VAE_PREFIX)


def _check_vae(file: WeightsFile, checkpoint: WeightsFile) -> None:
    prefix = vae_prefix(file.header)
    with refuse_wrong_shapes(file):
        config = vae_config(file, prefix, checkpoint.family)
    check_latents(file, config, vae_config(checkpoint, shapes.VAE_PREFIX, checkpoint.family))
    if not file.is_on_disk:
        _check_complete(file, AutoencoderKL, config, prefix)


def _check_embedding(file: WeightsFile, checkpoint: WeightsFile) -> None:
    vectors = for_each_encoder(
        {name: (name, tensor) for name, tensor in file.header.tensors.items()}
    )
    widths = [config["hidden_size"] for _, config in _text_encoders(checkpoint)]
    with refuse_wrong_shapes(file):
        found = [shapes.side({name: tensor.shape}, name, -1) for name, tensor in vectors]
    check_widths(file, found, widths)


def _check_loras(files: Sequence[WeightsFile], checkpoint: WeightsFile) -> None:
    """Each must have a layer of the UNet or of a text encoder. Sizes are checked when merged."""
    new = [file for file in files if not file.is_on_disk]
    if not new:
        return
    unet = _empty_network(checkpoint, UNet2DConditionModel, unet_config(checkpoint))
    known = {key for key, _ in unet_keys(unet)}
    for file in new:
        layers = layer_names(file.header.tensors)
        in_text_encoder = any(name.startswith(TEXT_ENCODER_PREFIXES) for name in layers)
        if not known & layers and not in_text_encoder:
            raise file.mismatch_error(texts.no_layer_matches(min(layers)))


def _text_encoders(file: WeightsFile) -> list[tuple[Any, shapes.Config]]:
    """A checkpoint's text encoders, each with the configuration that its shapes imply."""
    layouts = TEXT_ENCODERS[file.family]
    return [(layout, layout.config(file.header)) for layout in layouts]


def _check_complete(file: WeightsFile, kind: Any, config: shapes.Config, prefix: str) -> None:
    wanted = len(_empty_network(file, kind, config).state_dict())
    below = vae_shapes if kind is AutoencoderKL else shapes.below
    found = len(below(file.header, prefix))
    if found < wanted:
        part = "VAE" if kind is AutoencoderKL else "UNet"
        raise file.broken_error(texts.lacks_tensors(part, found, wanted))


def _empty_network(file: WeightsFile, kind: Any, config: shapes.Config) -> Any:
    """A network without weights, which takes a tenth of a second."""
    try:
        with init_empty_weights():
            return kind.from_config(config)
    except (RuntimeError, ValueError) as error:  # RuntimeError: sides beyond any memory
        raise file.broken_error(texts.unknown_architecture(error)) from error
