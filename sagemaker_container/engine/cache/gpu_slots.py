"""The checkpoints on a GPU: one slot of fixed buffers for each architecture.

Checkpoints wait in pinned host memory. To run one, its weights are copied into its architecture's
slot: 2 GB take 50 ms, and the slot's captured CUDA graphs stay valid.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import torch
from torch import nn

from sagemaker_container.engine.cache.pinned_memory import parameters_of, pin
from sagemaker_container.engine.cache.runnable import RunnableCheckpoint
from sagemaker_container.engine.device import Device
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.fast.text_encoder import TextEncoderGraphs

_log = logging.getLogger(__name__)

Module = TypeVar("Module", bound=nn.Module)


def modules_of(checkpoint: Checkpoint) -> list[nn.Module]:
    """A checkpoint's networks."""
    encoders = [encoder.model for encoder in checkpoint.text_encoders]
    return [checkpoint.unet, checkpoint.vae, *encoders]


def architecture_hash(checkpoint: Checkpoint) -> str:
    """Equal for checkpoints that fit the same slot."""
    parts = [
        (type(module).__name__, str(module.dtype), _config(module))
        for module in modules_of(checkpoint)
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _config(module: Any) -> dict[str, Any]:
    config = module.config
    return dict(config.to_dict() if hasattr(config, "to_dict") else config)


def load_pinned(load: Callable[[], Checkpoint]) -> Checkpoint:
    """Load a checkpoint on the CPU, and pin its weights if the system allows it."""
    checkpoint = load()
    try:
        pin(modules_of(checkpoint))
    except RuntimeError as error:
        _log.warning("event=not_pinned error=%s", error)  # copying then works, but slower
    return checkpoint


@dataclass
class WeightSlot:
    """The networks of one architecture on the device, and the key of the weights in them."""

    device: Device
    runnable: RunnableCheckpoint
    networks: Sequence[nn.Module]
    loaded_key: str = ""

    @classmethod
    def empty(cls, model: Checkpoint, device: Device) -> "WeightSlot":
        """A slot of a checkpoint's architecture, without weights."""
        unet, vae, *models = (_empty_module(module, device) for module in modules_of(model))
        encoders = tuple(
            replace(encoder, model=module, graphs=TextEncoderGraphs())
            for encoder, module in zip(model.text_encoders, models, strict=True)
        )
        checkpoint = replace(model, unet=unet, vae=vae, text_encoders=encoders)
        return cls(device, RunnableCheckpoint.of(checkpoint), [unet, vae, *models])

    def load(self, model: Checkpoint, key: str) -> RunnableCheckpoint:
        """Copy a checkpoint's weights into the slot, unless those of `key` are in it already."""
        if key != self.loaded_key:
            self.loaded_key = ""  # until all weights are copied
            self.runnable.loras.reset()
            sources = parameters_of(modules_of(model))
            with torch.no_grad():
                for target, source in zip(parameters_of(self.networks), sources, strict=True):
                    target.copy_(source, non_blocking=True)
            self.device.synchronize()
            self.loaded_key = key
        checkpoint = replace(self.runnable.checkpoint, prediction=model.prediction)
        return replace(self.runnable, checkpoint=checkpoint)


def _empty_module(module: Module, device: Device) -> Module:
    """A module of the same architecture and types on the device."""
    kind: Any = type(module)
    default_dtype = torch.get_default_dtype()
    torch.set_default_dtype(next(module.parameters()).dtype)
    try:
        with device.torch_device:
            config = module.config
            empty = kind.from_config(config) if hasattr(kind, "from_config") else kind(config)
    finally:
        torch.set_default_dtype(default_dtype)
    empty.requires_grad_(False).eval()
    moved: Module = empty.to(device.torch_device, memory_format=torch.channels_last)
    return moved
