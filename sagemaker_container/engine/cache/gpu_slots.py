"""Owns the checkpoints on a GPU: one set of networks for each architecture, in fixed buffers.

A checkpoint waits in pinned memory and is copied into its architecture's networks when its turn
comes: 2 GB take 50 ms, and what was captured from the networks stays valid.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import torch
from torch import nn

from sagemaker_container.engine.cache.pinned import parameters_of, pin
from sagemaker_container.engine.cache.runnable import RunnableCheckpoint
from sagemaker_container.engine.device import Device
from sagemaker_container.engine.models.checkpoint import Checkpoint

_log = logging.getLogger(__name__)

Module = TypeVar("Module", bound=nn.Module)


def modules_of(checkpoint: Checkpoint) -> list[nn.Module]:
    """The networks of a checkpoint whose weights are copied."""
    encoders = [encoder.model for encoder in checkpoint.text_encoders]
    return [checkpoint.unet, checkpoint.vae, *encoders]


def architecture(checkpoint: Checkpoint) -> str:
    """Equal for checkpoints that fit one seat."""
    parts = [
        (type(module).__name__, str(module.dtype), _config(module))
        for module in modules_of(checkpoint)
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def _config(module: Any) -> dict[str, Any]:
    config = module.config
    return dict(config.to_dict() if hasattr(config, "to_dict") else config)


def stored(load: Callable[[], Checkpoint]) -> Checkpoint:
    """A checkpoint loaded on the CPU, its weights pinned where the system allows it."""
    checkpoint = load()
    try:
        pin(modules_of(checkpoint))
    except RuntimeError as error:
        _log.warning("event=not_pinned error=%s", error)  # copying is slower then, and works
    return checkpoint


@dataclass
class Seat:
    """The networks of one architecture on the device, and whose weights are in them."""

    device: Device
    runnable: RunnableCheckpoint
    networks: Sequence[nn.Module]
    occupant: str = ""

    @classmethod
    def like(cls, model: Checkpoint, device: Device) -> "Seat":
        """Networks of a checkpoint's architecture, still without its weights."""
        unet, vae, *encoders = (_empty_like(module, device) for module in modules_of(model))
        readers = tuple(
            replace(reader, model=encoder)
            for reader, encoder in zip(model.text_encoders, encoders, strict=True)
        )
        empty = replace(model, unet=unet, vae=vae, text_encoders=readers)
        return cls(device, RunnableCheckpoint.of(empty), [unet, vae, *encoders])

    def take(self, model: Checkpoint, key: str) -> RunnableCheckpoint:
        """The checkpoint on the device; `key` says whose weights these are."""
        if key != self.occupant:
            self.occupant = ""  # until all are copied
            self.runnable.loras.reset()
            pairs = zip(parameters_of(self.networks), parameters_of(modules_of(model)), strict=True)
            with torch.no_grad():
                for mine, theirs in pairs:
                    mine.copy_(theirs, non_blocking=True)
            self.device.synchronize()
            self.occupant = key
        loaded = replace(self.runnable.checkpoint, prediction=model.prediction)
        return replace(self.runnable, checkpoint=loaded)


def _empty_like(module: Module, device: Device) -> Module:
    """A module of the same architecture and types on the device."""
    kind: Any = type(module)
    usual = torch.get_default_dtype()
    torch.set_default_dtype(next(module.parameters()).dtype)
    try:
        with device.torch_device:
            config = module.config
            made = kind.from_config(config) if hasattr(kind, "from_config") else kind(config)
    finally:
        torch.set_default_dtype(usual)
    made.requires_grad_(False).eval()
    moved: Module = made.to(device.torch_device, memory_format=torch.channels_last)
    return moved
