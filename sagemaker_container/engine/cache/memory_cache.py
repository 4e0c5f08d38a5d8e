"""Keeps loaded models in memory, by the hash of their file; least recently used goes first."""

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sagemaker_container.engine.device import Device
from sagemaker_container.fast.graphs import release_graphs

_log = logging.getLogger(__name__)

Model = TypeVar("Model")


@dataclass(frozen=True)
class CacheResult(Generic[Model]):
    """A model, and whether it was in memory already."""

    model: Model
    was_cached: bool


class MemoryCache:
    """Models of any type. What the current job uses is not evicted (see `begin_job`)."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._models: OrderedDict[str, tuple[int, Any]] = OrderedDict()
        self._in_use: set[str] = set()

    def begin_job(self) -> None:
        """From now on, the last job's models may be evicted."""
        self._in_use.clear()

    @property
    def used_bytes(self) -> int:
        """The size of all models in the cache."""
        return sum(size for size, _ in self._models.values())

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all models in the cache, the most recently used first."""
        return tuple(reversed(self._models))

    def get(self, key: str, size: int, load: Callable[[], Model]) -> CacheResult[Model]:
        """The model at `key`. If it isn't cached, make room for `size` bytes and load it.

        `key` must name the type of the model too, because only `load` determines the type.
        """
        self._in_use.add(key)
        if key in self._models:
            self._models.move_to_end(key)
            model: Model = self._models[key][1]
            return CacheResult(model, was_cached=True)
        self._make_room(size)
        loaded = load()
        self._models[key] = (size, loaded)
        return CacheResult(loaded, was_cached=False)

    def evict_unused(self) -> None:
        """Evict everything that the current job doesn't use."""
        self._make_room(self._limit)

    def _make_room(self, size: int) -> None:
        unused = [key for key in self._models if key not in self._in_use]
        while unused and self.used_bytes + size > self._limit:
            key = unused.pop(0)
            freed, _ = self._models.pop(key)
            _log.info("event=unloaded model=%s bytes=%d", key, freed)


@dataclass(frozen=True)
class ModelCaches:
    """The cache in host memory, and that of the GPU; without a GPU both are the same one."""

    host: MemoryCache
    device: MemoryCache

    @classmethod
    def create(cls, device: Device, host_bytes: int | None) -> "ModelCaches":
        """By default half of the host's free memory, and half of the GPU's."""
        host = MemoryCache(host_bytes or device.free_host_bytes() // 2)
        return cls(host, MemoryCache(device.free_bytes() // 2) if device.is_gpu else host)

    def begin_job(self) -> None:
        """From now on, the last job's models may be evicted."""
        self.host.begin_job()
        self.device.begin_job()

    def free_device_memory(self) -> None:
        """Evict what the current job doesn't use on the device, and all captured graphs."""
        self.device.evict_unused()
        release_graphs()
