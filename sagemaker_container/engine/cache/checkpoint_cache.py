"""Takes checkpoints from the fastest place that has them: device, host memory, or their file."""

from dataclasses import replace

import torch

from sagemaker_container.engine.cache.gpu_slots import Seat, architecture, stored
from sagemaker_container.engine.cache.memory_cache import MemoryCache
from sagemaker_container.engine.cache.runnable import RunnableCheckpoint
from sagemaker_container.engine.device import Device
from sagemaker_container.engine.files.weights_file import WeightsFile
from sagemaker_container.engine.models.loader import NetworkLoader


class CheckpointCache:
    """On the CPU the loaded checkpoints themselves draw; on a GPU they are copied into a seat.

    `host` keeps loaded checkpoints, `device_cache` the seats among whatever else is on the GPU.
    """

    def __init__(
        self, loader: NetworkLoader, device: Device, host: MemoryCache, device_cache: MemoryCache
    ) -> None:
        self._loader = loader
        self._device = device
        self._host = host
        self._device_cache = device_cache

    def take(self, key: str, file: WeightsFile, size: int) -> tuple[RunnableCheckpoint, str]:
        """A checkpoint ready to draw, and the tier it came from; `size` is its bytes.

        Raises JobError naming the file at fault.
        """
        if self._device.torch_device.type == "cpu":
            found = self._host.get(
                key, size, lambda: RunnableCheckpoint.of(self._loader.load_checkpoint(file))
            )
            return found.model, "memory" if found.was_here else file.tier
        return self._seated(key, file, size)

    def _seated(self, key: str, file: WeightsFile, size: int) -> tuple[RunnableCheckpoint, str]:
        on_host = NetworkLoader(replace(self._device, torch_device=torch.device("cpu")))
        kept = self._host.get(key, size, lambda: stored(lambda: on_host.load_checkpoint(file)))
        name = f"seat {architecture(kept.model)}"
        seat = self._device_cache.get(name, size, lambda: Seat.like(kept.model, self._device)).model
        tier = "memory" if kept.was_here else file.tier
        if seat.occupant == key:
            tier = "GPU"
        return seat.take(kept.model, key), tier
