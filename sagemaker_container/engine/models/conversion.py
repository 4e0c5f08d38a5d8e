"""Rewrites large float32 files in the device's type, once, so that later loads need only map them.

Without it a float32 checkpoint of 4 GB is read and rounded at every load.
"""

import json
import logging
import math
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Final

import torch
from safetensors import safe_open

from formats.models.kinds import ModelKind
from formats.models.safetensors_header import Tensor
from sagemaker_container.engine.files.disk_cache import DiskCache, is_disk_full
from sagemaker_container.engine.files.weights_file import WeightsFile, open_file
from sagemaker_container.engine.models import shapes

_log = logging.getLogger(__name__)

_NAMES: Final = {torch.float16: "F16", torch.bfloat16: "BF16"}
_WIDE: Final = ("F32", "F64")
_KINDS: Final = (ModelKind.CHECKPOINT, ModelKind.CONTROLNET)
_UNREAD: Final = ("model_ema.",)
"""A training's running mean of the weights, which nothing here reads (nor does A1111)."""
_WORTHWHILE: Final = 0.25
"""Of a file's bytes; files in half precision too have some odd float32 tensors."""


def variant_name(dtype: torch.dtype) -> str:
    """What `DiskCache` calls the files that were converted to a type."""
    return str(dtype).removeprefix("torch.")


@dataclass(frozen=True)
class Converter:
    """Converts the files of one disk cache for one type of weights."""

    cache: DiskCache
    dtype: torch.dtype

    def convert(self, file: WeightsFile, check: Callable[[], None]) -> WeightsFile:
        """The same model in the device's type, in place of the file; or the file, where that fits.

        The VAE's weights stay as they are: it may run in a wider type than the rest. What `check`
        raises ends the work.
        """
        if not self._is_wanted(file):
            return file
        size = sum(_bytes(t, self._type_of(name, t)) for name, t in _kept(file))
        path = self._rewritten(file, size, check)
        if path is None:
            _log.info("event=not_converted file=%s reason=disk_full", file.name)
            return file
        _log.info("event=converted file=%s bytes=%d to=%d", file.name, file.size, size)
        converted = open_file(file.kind, file.name, path, file.sha256, file.tier)
        return replace(converted, sidecar=file.sidecar)

    def _rewritten(self, file: WeightsFile, size: int, check: Callable[[], None]) -> Path | None:
        """The file of `size` bytes that now stands for the original; None where the disk is full.

        Raises OSError for any other fault of the disk.
        """
        if not self.cache.try_make_room(size):
            return None
        part = self.cache.partial_path()
        try:
            with part.open("wb") as target:
                self._write(file, target, check)
            return self.cache.replace_with_variant(part, file.sha256)
        except OSError as error:
            if is_disk_full(error):
                return None
            raise
        finally:
            part.unlink(missing_ok=True)

    def _is_wanted(self, file: WeightsFile) -> bool:
        if file.kind not in _KINDS or self.dtype not in _NAMES:
            return False
        gone = sum(
            _bytes(t, t.dtype) for name, t in _kept(file) if t.dtype != self._type_of(name, t)
        )
        return gone > _WORTHWHILE * file.size

    def _type_of(self, name: str, tensor: Tensor) -> str:
        """A tensor's type in the new file."""
        stays = tensor.dtype not in _WIDE or name.startswith(shapes.VAE_PREFIX)
        return tensor.dtype if stays else _NAMES[self.dtype]

    def _write(self, file: WeightsFile, target: BinaryIO, check: Callable[[], None]) -> None:
        """Tensor by tensor, so that no more than one is in memory."""
        target.write(self._header(file))
        with safe_open(file.path, framework="pt") as source:
            for name, described in _kept(file):
                check()
                tensor = source.get_tensor(name)
                if described.dtype != self._type_of(name, described):
                    tensor = tensor.to(self.dtype)
                target.write(tensor.reshape(-1).contiguous().view(torch.uint8).numpy().tobytes())

    def _header(self, file: WeightsFile) -> bytes:
        entries: dict[str, Any] = {"__metadata__": dict(file.header.metadata)}
        offset = 0
        for name, tensor in _kept(file):
            kind = self._type_of(name, tensor)
            end = offset + _bytes(tensor, kind)
            entries[name] = {"dtype": kind, "shape": tensor.shape, "data_offsets": (offset, end)}
            offset = end
        encoded = json.dumps(entries).encode()
        encoded += b" " * (-len(encoded) % 8)
        return struct.pack("<Q", len(encoded)) + encoded


def _kept(file: WeightsFile) -> Iterator[tuple[str, Tensor]]:
    for name, tensor in file.header.tensors.items():
        if not name.startswith(_UNREAD):
            yield name, tensor


def _bytes(tensor: Tensor, kind: str) -> int:
    """What a tensor takes in a type such as F16; in its own type, what it takes in the file."""
    if kind == tensor.dtype:
        return tensor.data_offsets[1] - tensor.data_offsets[0]
    return 2 * math.prod(tensor.shape)
