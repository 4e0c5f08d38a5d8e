"""Loads files into diffusers' modules, offline, with the configuration that they imply."""

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
    vae_prefix,
)
from sagemaker_container.engine.models.prediction import prediction
from sagemaker_container.engine.models.support import check_latents
from sagemaker_container.engine.models.text_encoders import (
    SOURCES,
    Source,
    Tensors,
    load_text_encoder,
)

Module = TypeVar("Module", bound=torch.nn.Module)

_ADDED: Final = {
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
}


class Loader:
    """Loads files onto one device. Every method raises JobError naming the file at fault."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def checkpoint(self, file: WeightsFile) -> Checkpoint:
        """UNet, VAE and text encoders of a checkpoint in Stability's key layouts."""
        with _refusing(file):
            tensors = load_file(file.path)
            unet = self._unet(file, tensors)
            vae = self._vae(file, tensors, shapes.VAE_PREFIX, file.family)
            encoders = tuple(
                TextEncoder(self._text_encoder(file, tensors, source), **source.reading)
                for source in SOURCES[file.family]
            )
            return Checkpoint(file.family, unet, vae, encoders, prediction(file, unet))

    def _unet(self, file: WeightsFile, tensors: Tensors) -> UNet2DConditionModel:
        found = shapes.below(file.header, shapes.UNET_PREFIX)
        mine = _below(tensors, shapes.UNET_PREFIX, keep=True)
        unet = _read(UNet2DConditionModel, mine, unet_config(file), self._device.dtype)
        if len(unet.state_dict()) != len(found):
            raise file.broken(
                f"its UNet has {len(found)} tensors, and one of its widths has "
                f"{len(unet.state_dict())}: it is damaged, or of an unknown architecture."
            )
        return self._place(unet, file)

    def _text_encoder(
        self, file: WeightsFile, tensors: Tensors, source: Source
    ) -> CLIPTextModel | CLIPTextModelWithProjection:
        dtype = self._device.dtype
        return self._place(
            load_text_encoder(source, file.family, file.header, tensors, dtype), file
        )

    def vae(self, file: WeightsFile, checkpoint: Checkpoint) -> AutoencoderKL:
        """A VAE file, for a checkpoint whose latents it must be able to read."""
        prefix = vae_prefix(file)
        with _refusing(file):
            config = vae_config(file, prefix, checkpoint.family)
        check_latents(file, config, checkpoint.vae.config)
        with _refusing(file):
            return self._vae(file, load_file(file.path), prefix, checkpoint.family)

    def _vae(
        self, file: WeightsFile, tensors: Tensors, prefix: str, family: Family
    ) -> AutoencoderKL:
        config = vae_config(file, prefix, family)
        dtype = self._device.vae_dtype
        if config["force_upcast"] and dtype is torch.float16:
            dtype = torch.float32  # SDXL's overflows in half precision
        return self._place(_read(AutoencoderKL, _below(tensors, prefix), config, dtype), file)

    def controlnet(self, file: WeightsFile, checkpoint: Checkpoint) -> ControlNetModel:
        """A ControlNet file in any of its key layouts, for a checkpoint that it fits."""
        with _refusing(file):
            config = controlnet_config(file, checkpoint.family)
            tensors = load_file(file.path)
            net = _read(ControlNetModel, _as_diffusers(tensors, config), config, self._device.dtype)
        if len(net.state_dict()) != len(file.header.tensors):
            raise file.broken("it has tensors that no ControlNet has; get the file again.")
        return self._place(net, file)

    def _place(self, model: Module, file: WeightsFile) -> Module:
        """Diffusers leaves tensors that the file lacks on the meta device, and says nothing."""
        missing = next((name for name, p in model.named_parameters() if p.is_meta), None)
        if missing:
            raise file.broken(f"it lacks {missing}; get the file again.")
        model.requires_grad_(False).eval()
        model.to(self._device.torch_device, memory_format=torch.channels_last)
        return model


def _below(tensors: Tensors, prefix: str, *, keep: bool = False) -> dict[str, torch.Tensor]:
    """The tensors below a prefix, which is taken off their names unless it is to be kept."""
    start = 0 if keep else len(prefix)
    return {name[start:]: t for name, t in tensors.items() if name.startswith(prefix)}


def _as_diffusers(tensors: Tensors, config: shapes.Config) -> Tensors:
    """A ControlNet's tensors in diffusers' layout, whichever they were in.

    diffusers' own conversion passes over the way in for SDXL's pooled prompt and sizes.
    """
    converted = convert_controlnet_checkpoint(dict(tensors), config)
    plain = _below(tensors, shapes.CONTROLNET_PREFIX) or tensors
    for ours, theirs in _ADDED.items():
        for kind in ("weight", "bias"):
            if f"{theirs}.{kind}" in plain:
                converted[f"{ours}.{kind}"] = plain[f"{theirs}.{kind}"]
    return {name: tensor for name, tensor in converted.items() if tensor is not None}


@contextmanager
def single_config(config: shapes.Config) -> Iterator[str]:
    """A folder with one model's configuration, which spares diffusers the hub."""
    with TemporaryDirectory(prefix="config-") as name:
        (Path(name) / "config.json").write_text(json.dumps(config))
        yield name


def _read(
    kind: type[Module], tensors: Tensors, config: shapes.Config, dtype: torch.dtype
) -> Module:
    """One of diffusers' modules from a part of a file. The dtype must always be given: without it
    modules come out in the type of their configuration, or half in one and half in another.
    """
    with single_config(config) as folder:
        return kind.from_single_file(
            dict(tensors), config=folder, local_files_only=True, torch_dtype=dtype
        )


@contextmanager
def _refusing(file: WeightsFile) -> Iterator[None]:
    """What the libraries raise on a file becomes a refusal that names the file."""
    try:
        yield
    except KeyError as error:
        raise file.broken(f"it lacks {error.args[0]}; get the file again.") from error
    except NotImplementedError as error:  # PyTorch's, for a tensor left on the meta device
        raise file.broken("some of its tensors are missing; get the file again.") from error
    except (SingleFileComponentError, SafetensorError, ValueError, RuntimeError) as error:
        if is_out_of_memory(error):  # no fault of the file
            raise
        raise file.broken(f"it can't be loaded: {error}") from error
