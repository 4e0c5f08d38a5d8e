"""Gets checkpoints from the fastest tier that has them: GPU, host memory, or their file."""

from dataclasses import replace

import torch

from sagemaker_container.engine.cache.gpu_slots import (
    WeightSlot,
    architecture_hash,
    load_pinned,
)
from sagemaker_container.engine.cache.memory_cache import ModelCaches
from sagemaker_container.engine.cache.runnable import RunnableCheckpoint
from sagemaker_container.engine.device import Device
from sagemaker_container.engine.files.weights_file import WeightsFile
from sagemaker_container.engine.models.loader import NetworkLoader


class CheckpointCache:
    """Without a GPU, loaded checkpoints run where they are; a GPU has slots to copy them into.

    The host's cache holds loaded checkpoints, the device's cache holds the slots.
    """

    def __init__(self, loader: NetworkLoader, device: Device, caches: ModelCaches) -> None:
        self._loader = loader
        self._host_loader = NetworkLoader(replace(device, torch_device=torch.device("cpu")))
        self._device = device
        self._caches = caches

    def get(self, key: str, file: WeightsFile, size: int) -> tuple[RunnableCheckpoint, str]:
        """A checkpoint of `size` bytes that can run, and the tier that it came from.

        Raises JobError naming the file at fault.
        """
        if self._device.is_gpu:
            return self._get_in_slot(key, file, size)
        found = self._caches.host.get(
            key, size, lambda: RunnableCheckpoint.of(self._loader.load_checkpoint(file))
        )
        return found.model, "memory" if found.was_cached else file.tier

    def _get_in_slot(
        self, key: str, file: WeightsFile, size: int
    ) -> tuple[RunnableCheckpoint, str]:
        pinned = self._caches.host.get(
            key, size, lambda: load_pinned(lambda: self._host_loader.load_checkpoint(file))
        )
        slot_key = f"slot {architecture_hash(pinned.model)}"
        slot = self._caches.device.get(
            slot_key, size, lambda: WeightSlot.empty(pinned.model, self._device)
        ).model
        tier = "memory" if pinned.was_cached else file.tier
        if slot.loaded_key == key:
            tier = "GPU"
        return slot.load(pinned.model, key), tier
