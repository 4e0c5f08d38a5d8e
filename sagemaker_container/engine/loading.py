"""Loads SD1-layout files into diffusers' modules, offline, with the configuration they imply."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

import torch
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    StableDiffusionPipeline,
)
from diffusers.loaders.single_file_utils import SingleFileComponentError
from safetensors import SafetensorError
from transformers import CLIPTokenizer

from formats.kinds import Family
from formats.samplers import Sampler, Schedule
from sagemaker_container.engine import shapes
from sagemaker_container.engine.checkpoint import Checkpoint, Prediction, TextEncoder
from sagemaker_container.engine.config_dir import config_dir, single_config
from sagemaker_container.engine.device import Device
from sagemaker_container.engine.lora_merge import LoraSlot
from sagemaker_container.engine.model_file import ModelFile
from sagemaker_container.engine.samplers import SamplerPlan

PLAIN: Final = SamplerPlan(Sampler.DDIM, Schedule.AUTOMATIC, steps=20)

Module = TypeVar("Module", bound=torch.nn.Module)

_SHARED_WITH_UNET: Final = (
    "act_fn", "attention_head_dim", "block_out_channels", "cross_attention_dim",
    "down_block_types", "downsample_padding", "flip_sin_to_cos", "freq_shift", "in_channels",
    "layers_per_block", "mid_block_scale_factor", "norm_eps", "norm_num_groups",
    "use_linear_projection",
)  # fmt: skip
"""What a ControlNet has in common with the UNet it steers: it began as a copy of its encoder."""


class Loader:
    """Loads files onto one device. Every method raises JobError naming the file at fault."""

    def __init__(self, device: Device, tokenizer: CLIPTokenizer) -> None:
        self._device = device
        self._tokenizer = tokenizer

    def checkpoint(self, file: ModelFile) -> Checkpoint:
        """UNet, VAE and text encoder of an SD1-layout checkpoint."""
        with _refusing(file), config_dir("sd1", _checkpoint_parts(file)) as folder:
            pipeline = StableDiffusionPipeline.from_single_file(
                str(file.path),
                config=folder,
                local_files_only=True,
                torch_dtype=self._device.dtype,
                tokenizer=self._tokenizer,
                scheduler=PLAIN.scheduler(seed=0),  # each job has its own
                safety_checker=None,
                feature_extractor=None,
            )
            unet = self._place(pipeline.unet, file)
            text_encoder = self._place(pipeline.text_encoder, file)
            vae = self._place_vae(pipeline.vae, file)
        slot = LoraSlot(unet, text_encoder)
        encoders = (TextEncoder(text_encoder, pad_id=self._tokenizer.eos_token_id),)
        return Checkpoint(Family.SD1, unet, vae, encoders, prediction(file), slot)

    def vae(self, file: ModelFile, checkpoint: Checkpoint) -> AutoencoderKL:
        """A VAE file, for a checkpoint whose latents it must be able to read."""
        prefix = shapes.VAE if any(n.startswith(shapes.VAE) for n in file.header.tensors) else ""
        with _refusing(file):
            config = shapes.vae(shapes.below(file.header, prefix))
        own = checkpoint.vae.config
        if config["latent_channels"] != own.latent_channels or len(
            config["block_out_channels"]
        ) != len(own.block_out_channels):
            raise file.mismatch("its latents have another shape than the checkpoint's.")
        with _refusing(file), config_dir("sd1", {"vae": config}) as folder:
            loaded = AutoencoderKL.from_single_file(
                str(file.path),
                config=folder,
                subfolder="vae",
                local_files_only=True,
                torch_dtype=self._device.vae_dtype,
            )
            return self._place_vae(loaded, file)

    def controlnet(self, file: ModelFile, checkpoint: Checkpoint) -> ControlNetModel:
        """A ControlNet file (any of its key layouts), for a checkpoint that it must fit."""
        with _refusing(file):
            config = self._controlnet_config(file, checkpoint)
        with _refusing(file, misfit=True), single_config(config) as folder:
            loaded = ControlNetModel.from_single_file(
                str(file.path),
                config=folder,
                local_files_only=True,
                torch_dtype=self._device.dtype,
            )
        if len(loaded.state_dict()) != len(file.header.tensors):
            raise file.mismatch("it has another number of layers than the checkpoint.")
        return self._place(loaded, file)

    def _controlnet_config(self, file: ModelFile, checkpoint: Checkpoint) -> shapes.Config:
        prefix = "control_model."
        has_prefix = any(name.startswith(prefix) for name in file.header.tensors)
        found = shapes.below(file.header, prefix if has_prefix else "")
        unet = checkpoint.unet.config
        return {
            "_class_name": "ControlNetModel",
            **{name: unet[name] for name in _SHARED_WITH_UNET},
            "conditioning_embedding_out_channels": shapes.hint_widths(found),
        }

    def _place_vae(self, vae: AutoencoderKL, file: ModelFile) -> AutoencoderKL:
        return self._place(vae, file).to(dtype=self._device.vae_dtype)

    def _place(self, model: Module, file: ModelFile) -> Module:
        """Diffusers leaves tensors that the file lacks on the meta device, and says nothing."""
        missing = next((name for name, p in model.named_parameters() if p.is_meta), None)
        if missing:
            raise file.broken(f"it lacks {missing}; get the file again.")
        model.requires_grad_(False).eval()
        model.to(self._device.place, memory_format=torch.channels_last)
        return model


def _checkpoint_parts(file: ModelFile) -> dict[str, shapes.Config]:
    return {
        "unet": shapes.unet(shapes.below(file.header, shapes.UNET)),
        "vae": shapes.vae(shapes.below(file.header, shapes.VAE)),
        "text_encoder": shapes.text_encoder(shapes.below(file.header, shapes.TEXT)),
    }


def prediction(file: ModelFile) -> Prediction:
    """From marker tensors (`v_pred`, `ztsnr`: ComfyUI supported_models.py) or modelspec."""
    said = file.header.metadata.get("modelspec.prediction_type", "")
    is_v = "v_pred" in file.header.tensors or said.startswith("v")
    return Prediction("v_prediction" if is_v else "epsilon", "ztsnr" in file.header.tensors)


@contextmanager
def _refusing(file: ModelFile, *, misfit: bool = False) -> Iterator[None]:
    """What the libraries raise on a file becomes a refusal that names the file."""
    try:
        yield
    except torch.OutOfMemoryError:
        raise
    except KeyError as error:
        raise file.broken(f"it lacks {error.args[0]}; get the file again.") from error
    except NotImplementedError as error:  # PyTorch's, for a tensor left on the meta device
        raise file.broken("some of its tensors are missing; get the file again.") from error
    except (SingleFileComponentError, SafetensorError) as error:
        raise file.broken(f"it can't be loaded: {error}") from error
    except (ValueError, RuntimeError) as error:
        if misfit:
            raise file.mismatch("it is made for another base model than the checkpoint.") from error
        raise file.broken(f"it can't be loaded: {error}") from error
