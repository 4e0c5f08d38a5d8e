"""Keeps loaded models in memory by the hash of their file; least recently used goes first."""

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sagemaker_container.engine.device import Device
from sagemaker_container.fast.graphs import release

_log = logging.getLogger(__name__)

Model = TypeVar("Model")


@dataclass(frozen=True)
class Loaded(Generic[Model]):
    """A model and whether it had been in memory already."""

    model: Model
    was_here: bool


class MemoryCache:
    """Models of any type. What was asked for in the current job stays (see `begin_job`)."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._models: OrderedDict[str, tuple[int, Any]] = OrderedDict()
        self._in_use: set[str] = set()

    def begin_job(self) -> None:
        """From here on, the last job's models may be evicted."""
        self._in_use.clear()

    @property
    def used_bytes(self) -> int:
        """What the kept models take together."""
        return sum(size for size, _ in self._models.values())

    def get(self, key: str, size: int, load: Callable[[], Model]) -> Loaded[Model]:
        """The model under `key`; one that isn't here is loaded after room was made for `size`.

        `key` must name the type of the model too, since `load` alone decides what it is.
        """
        self._in_use.add(key)
        if key in self._models:
            self._models.move_to_end(key)
            model: Model = self._models[key][1]
            return Loaded(model, was_here=True)
        self._make_room(size)
        loaded = load()
        self._models[key] = (size, loaded)
        return Loaded(loaded, was_here=False)

    def drop_idle(self) -> None:
        """Evict everything that the current job doesn't use."""
        self._make_room(self._limit)

    def _make_room(self, size: int) -> None:
        idle = [key for key in self._models if key not in self._in_use]
        while idle and self.used_bytes + size > self._limit:
            key = idle.pop(0)
            freed, _ = self._models.pop(key)
            _log.info("event=unloaded model=%s bytes=%d", key, freed)


@dataclass(frozen=True)
class Caches:
    """Where models are kept: in host memory, and on the device; on the CPU both are one."""

    host: MemoryCache
    device: MemoryCache

    @classmethod
    def of(cls, device: Device, host_bytes: int | None) -> "Caches":
        """By default half of the host's free memory, and half of a GPU's."""
        host = MemoryCache(host_bytes or device.free_host_bytes() // 2)
        return cls(host, MemoryCache(device.free_bytes() // 2) if device.is_gpu else host)

    def begin_job(self) -> None:
        """From here on, the last job's models may be evicted."""
        self.host.begin_job()
        self.device.begin_job()

    def drop_idle(self) -> None:
        """Make room where the models are drawn with, of what the current job doesn't use."""
        self.device.drop_idle()
        release()
