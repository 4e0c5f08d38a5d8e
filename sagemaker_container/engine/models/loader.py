"""Loads weights files into diffusers' modules, offline, with the configuration they imply."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, TypeVar

import torch
from diffusers import AutoencoderKL, ControlNetModel, UNet2DConditionModel
from diffusers.loaders.single_file_utils import (
    SingleFileComponentError,
    convert_controlnet_checkpoint,
)
from safetensors import SafetensorError
from safetensors.torch import load_file
from transformers import CLIPTextModel, CLIPTextModelWithProjection

from formats.models.kinds import Family
from sagemaker_container.engine.device import Device
from sagemaker_container.engine.files.weights_file import WeightsFile
from sagemaker_container.engine.memory import is_out_of_memory
from sagemaker_container.engine.models import shapes
from sagemaker_container.engine.models.checkpoint import Checkpoint, TextEncoder
from sagemaker_container.engine.models.model_config import (
    controlnet_config,
    unet_config,
    vae_config,
)
from sagemaker_container.engine.models.prediction import detect_prediction
from sagemaker_container.engine.models.support import check_latents
from sagemaker_container.engine.models.text_encoders import (
    TEXT_ENCODERS,
    Tensors,
    TextEncoderLayout,
    load_text_encoder,
)
from sagemaker_container.engine.models.vae_layout import vae_prefix, vae_tensors
from sagemaker_container.texts import models as texts

Module = TypeVar("Module", bound=torch.nn.Module)

_SDXL_EMBEDDINGS: Final = {
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
}
"""Layers of a ControlNet for SDXL, by their names in diffusers, and in Stability's layout."""


_LIBRARY_ERRORS: Final = (
    SingleFileComponentError,
    SafetensorError,
    ValueError,
    RuntimeError,
    IndexError,
)
"""What the libraries raise on a file that is not what it seems; IndexError: on a shape."""


class NetworkLoader:
    """Loads files onto one device. Every method raises JobError naming the file at fault."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def load_checkpoint(self, file: WeightsFile) -> Checkpoint:
        """UNet, VAE and text encoders of a checkpoint in Stability's key layouts."""
        with _translate_errors(file):
            tensors = load_file(file.path)
            unet = self._unet(file, tensors)
            vae = self._vae(file, tensors, shapes.VAE_PREFIX, file.family)
            encoders = tuple(
                TextEncoder(self._text_encoder(file, tensors, layout), **layout.options)
                for layout in TEXT_ENCODERS[file.family]
            )
            return Checkpoint(file.family, unet, vae, encoders, detect_prediction(file, unet))

    def _unet(self, file: WeightsFile, tensors: Tensors) -> UNet2DConditionModel:
        found = shapes.below(file.header, shapes.UNET_PREFIX)
        own = _tensors_below(tensors, shapes.UNET_PREFIX, keep_prefix=True)
        unet = _from_tensors(UNet2DConditionModel, own, unet_config(file), self._device.dtype)
        if len(unet.state_dict()) != len(found):
            raise file.broken_error(texts.unet_tensors(len(found), len(unet.state_dict())))
        return self._to_device(unet, file)

    def _text_encoder(
        self, file: WeightsFile, tensors: Tensors, layout: TextEncoderLayout
    ) -> CLIPTextModel | CLIPTextModelWithProjection:
        dtype = self._device.dtype
        encoder = load_text_encoder(layout, file.family, file.header, tensors, dtype)
        return self._to_device(encoder, file)

    def load_vae(self, file: WeightsFile, checkpoint: Checkpoint) -> AutoencoderKL:
        """A VAE file, whose latents must have the shape of the checkpoint's."""
        prefix = vae_prefix(file.header)
        with _translate_errors(file):
            config = vae_config(file, prefix, checkpoint.family)
        check_latents(file, config, checkpoint.vae.config)
        with _translate_errors(file):
            return self._vae(file, load_file(file.path), prefix, checkpoint.family)

    def _vae(
        self, file: WeightsFile, tensors: Tensors, prefix: str, family: Family
    ) -> AutoencoderKL:
        config = vae_config(file, prefix, family)
        dtype = self._device.vae_dtype
        if config["force_upcast"] and dtype is torch.float16:
            dtype = torch.float32  # SDXL's overflows in half precision
        vae = _from_tensors(AutoencoderKL, vae_tensors(tensors, prefix), config, dtype)
        return self._to_device(vae, file)

    def load_controlnet(self, file: WeightsFile, checkpoint: Checkpoint) -> ControlNetModel:
        """A ControlNet file in any of its key layouts, for a checkpoint that it fits."""
        with _translate_errors(file):
            config = controlnet_config(file, checkpoint.family)
            tensors = _controlnet_tensors(load_file(file.path))
            converted = _to_diffusers_layout(tensors, config)
            net = _from_tensors(ControlNetModel, converted, config, self._device.dtype)
        if len(net.state_dict()) != len(tensors):
            raise file.broken_error(texts.NO_CONTROLNET)
        return self._to_device(net, file)

    def _to_device(self, model: Module, file: WeightsFile) -> Module:
        """Raises JobError if the file lacks tensors: diffusers silently leaves them on meta."""
        missing = next((name for name, p in model.named_parameters() if p.is_meta), None)
        if missing:
            raise file.broken_error(texts.lacks_tensor(missing))
        model.requires_grad_(False).eval()
        model.to(self._device.torch_device, memory_format=torch.channels_last)
        return model


def _tensors_below(
    tensors: Tensors, prefix: str, *, keep_prefix: bool = False
) -> dict[str, torch.Tensor]:
    """The tensors whose names have a prefix, which is removed unless `keep_prefix` is set."""
    start = 0 if keep_prefix else len(prefix)
    return {name[start:]: t for name, t in tensors.items() if name.startswith(prefix)}


def _controlnet_tensors(tensors: Tensors) -> Tensors:
    """Those of the ControlNet; the first files have the whole checkpoint besides."""
    return _tensors_below(tensors, shapes.CONTROLNET_PREFIX) or tensors


def _to_diffusers_layout(tensors: Tensors, config: shapes.Config) -> Tensors:
    """Convert a ControlNet's tensors to diffusers' layout, whichever layout they have.

    diffusers' own conversion leaves out the embedding of SDXL's pooled prompt and sizes.
    """
    converted = convert_controlnet_checkpoint(dict(tensors), config)
    for ours, theirs in _SDXL_EMBEDDINGS.items():
        for kind in ("weight", "bias"):
            if f"{theirs}.{kind}" in tensors:
                converted[f"{ours}.{kind}"] = tensors[f"{theirs}.{kind}"]
    return {name: tensor for name, tensor in converted.items() if tensor is not None}


@contextmanager
def config_folder(config: shapes.Config) -> Iterator[str]:
    """A temporary folder with a network's configuration, so that diffusers asks no hub for it."""
    with TemporaryDirectory(prefix="config-") as name:
        (Path(name) / "config.json").write_text(json.dumps(config))
        yield name


def _from_tensors(
    kind: type[Module], tensors: Tensors, config: shapes.Config, dtype: torch.dtype
) -> Module:
    """Build one of diffusers' modules from tensors.

    The dtype must always be given: without it, modules have the type of their configuration, or
    one type in one half and another type in the other.
    """
    with config_folder(config) as folder:
        return kind.from_single_file(
            dict(tensors), config=folder, local_files_only=True, torch_dtype=dtype
        )


@contextmanager
def _translate_errors(file: WeightsFile) -> Iterator[None]:
    """Raises JobError naming the file for what the libraries raise on it."""
    try:
        yield
    except KeyError as error:
        raise file.broken_error(texts.lacks_tensor(error.args[0])) from error
    except NotImplementedError as error:  # PyTorch's, for a tensor left on the meta device
        raise file.broken_error(texts.TENSORS_MISSING) from error
    except shapes.ShapeError as error:
        raise file.broken_error(str(error)) from error
    except _LIBRARY_ERRORS as error:
        if is_out_of_memory(error):  # not the file's fault
            raise
        raise file.broken_error(texts.unloadable(error)) from error
