"""Converts large float32 files to the device's type, once, so that later loads only map them.

Without it, a float32 checkpoint of 4 GB would be read and rounded at every load.
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
from formats.models.safetensors_header import TensorInfo
from sagemaker_container.engine.files.disk_cache import DiskCache, is_disk_full
from sagemaker_container.engine.files.weights_file import WeightsFile, open_file
from sagemaker_container.engine.models import shapes

_log = logging.getLogger(__name__)

_DTYPE_CODES: Final = {torch.float16: "F16", torch.bfloat16: "BF16"}
_WIDE_CODES: Final = ("F32", "F64")
_CONVERTED_KINDS: Final = (ModelKind.CHECKPOINT, ModelKind.CONTROLNET)
_UNUSED_PREFIXES: Final = ("model_ema.",)
"""The weights' running mean of the training, which nothing here reads (nor does A1111)."""
_MIN_SAVED_SHARE: Final = 0.25
"""Of a file's bytes; even files in half precision have some odd float32 tensors."""


def dtype_name(dtype: torch.dtype) -> str:
    """The `DiskCache` variant of files that were converted to a type."""
    return str(dtype).removeprefix("torch.")


@dataclass(frozen=True)
class WeightsConverter:
    """Converts the files of one disk cache to one type of weights."""

    cache: DiskCache
    dtype: torch.dtype

    def convert(self, file: WeightsFile, check: Callable[[], None]) -> WeightsFile:
        """The converted file, which replaces the original; or the original if it may stay.

        The VAE's weights are not converted: it may run in a wider type than the rest. What `check`
        raises ends the conversion.
        """
        if not self._should_convert(file):
            return file
        size = sum(_byte_size(t, self._target_code(name, t)) for name, t in _used_tensors(file))
        path = self._write_variant(file, size, check)
        if path is None:
            _log.info("event=not_converted file=%s reason=disk_full", file.name)
            return file
        _log.info("event=converted file=%s bytes=%d to=%d", file.name, file.size, size)
        converted = open_file(file.kind, file.name, path, file.sha256, file.tier)
        return replace(converted, sidecar=file.sidecar)

    def _write_variant(
        self, file: WeightsFile, size: int, check: Callable[[], None]
    ) -> Path | None:
        """The path of the converted file of `size` bytes, or None if the disk is full.

        Raises OSError for any other fault of the disk.
        """
        if not self.cache.try_make_room(size):
            return None
        partial = self.cache.partial_path()
        try:
            with partial.open("wb") as target:
                self._write(file, target, check)
            return self.cache.replace_with_variant(partial, file.sha256)
        except OSError as error:
            if is_disk_full(error):
                return None
            raise
        finally:
            partial.unlink(missing_ok=True)

    def _should_convert(self, file: WeightsFile) -> bool:
        if file.kind not in _CONVERTED_KINDS or self.dtype not in _DTYPE_CODES:
            return False
        wide = sum(
            _byte_size(t, t.dtype)
            for name, t in _used_tensors(file)
            if t.dtype != self._target_code(name, t)
        )
        return wide > _MIN_SAVED_SHARE * file.size

    def _target_code(self, name: str, tensor: TensorInfo) -> str:
        """A tensor's type in the converted file, as safetensors names it."""
        is_kept = tensor.dtype not in _WIDE_CODES or name.startswith(shapes.VAE_PREFIX)
        return tensor.dtype if is_kept else _DTYPE_CODES[self.dtype]

    def _write(self, file: WeightsFile, target: BinaryIO, check: Callable[[], None]) -> None:
        """Write tensor by tensor, so that only one is in memory at a time."""
        target.write(self._header(file))
        with safe_open(file.path, framework="pt") as source:
            for name, entry in _used_tensors(file):
                check()
                tensor = source.get_tensor(name)
                if entry.dtype != self._target_code(name, entry):
                    tensor = tensor.to(self.dtype)
                target.write(tensor.reshape(-1).contiguous().view(torch.uint8).numpy().tobytes())

    def _header(self, file: WeightsFile) -> bytes:
        entries: dict[str, Any] = {"__metadata__": dict(file.header.metadata)}
        offset = 0
        for name, tensor in _used_tensors(file):
            code = self._target_code(name, tensor)
            end = offset + _byte_size(tensor, code)
            entries[name] = {"dtype": code, "shape": tensor.shape, "data_offsets": (offset, end)}
            offset = end
        encoded = json.dumps(entries).encode()
        encoded += b" " * (-len(encoded) % 8)
        return struct.pack("<Q", len(encoded)) + encoded


def _used_tensors(file: WeightsFile) -> Iterator[tuple[str, TensorInfo]]:
    for name, tensor in file.header.tensors.items():
        if not name.startswith(_UNUSED_PREFIXES):
            yield name, tensor


def _byte_size(tensor: TensorInfo, code: str) -> int:
    """Bytes of a tensor in its own type, or in one of two bytes."""
    if code == tensor.dtype:
        return tensor.data_offsets[1] - tensor.data_offsets[0]
    return 2 * math.prod(tensor.shape)
