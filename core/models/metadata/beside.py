"""Reads what lies beside a model file on this machine's disk: side-cars, and the picture of it."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from core.errors import InvalidInput
from core.models.metadata.fields import FieldSource, ModelFields
from core.models.metadata.header_fields import header_thumbnail
from core.models.metadata.side_cars import (
    MAX_SIDE_CAR,
    is_preview,
    preview_of,
    read_side_car,
    side_cars_of,
)
from formats.frozen import Frozen
from formats.limits import MAX_IMAGE_BYTES
from formats.models.safetensors_header import HeaderError, read_header

log = logging.getLogger(__name__)

_SAFETENSORS: Final = ".safetensors"


class Beside(Frozen):
    """What other programs keep beside a model file."""

    layers: Mapping[FieldSource, ModelFields] = {}
    preview: bytes | None = None
    """A checked image; of the files beside it, else of a side-car, else of the header."""


def read_beside(path: Path, require: Callable[[Path], None]) -> Beside:
    """Of each source what its side-car says, and the first preview that can be used.

    `require` raises InvalidInput for a path that may not be read, wherever its links lead. What
    can't be read or used is left out, and the log says so.
    """
    files = [path.with_name(name) for name in side_cars_of(path.name)]
    images = [file for file in files if is_preview(file.name)]
    side_cars = [file for file in files if file not in images]
    layers = dict(filter(None, (_layer(file, require) for file in side_cars)))
    previews = (_preview(file, require) for file in (*images, *side_cars))
    return Beside(layers=layers, preview=next(filter(None, previews), None) or _of_header(path))


def _layer(file: Path, require: Callable[[Path], None]) -> tuple[FieldSource, ModelFields] | None:
    data = _read(file, require)
    try:
        return None if data is None else read_side_car(file.name, data)
    except InvalidInput as error:
        log.info("event=side_car_left_out path=%s error=%s", file, error)
        return None


def _preview(file: Path, require: Callable[[Path], None]) -> bytes | None:
    data = _read(file, require)
    try:
        image = None if data is None else preview_of(file.name, data)
    except InvalidInput as error:
        log.info("event=preview_left_out path=%s error=%s", file, error)
        return None
    return image.data if image else None


def _read(file: Path, require: Callable[[Path], None]) -> bytes | None:
    """The bytes, one more than is taken for a file that is too large; None for none."""
    try:
        if not file.is_file():
            return None
        require(file)
        with file.open("rb") as opened:
            return opened.read(1 + (MAX_IMAGE_BYTES if is_preview(file.name) else MAX_SIDE_CAR))
    except (InvalidInput, OSError, RuntimeError) as error:  # RuntimeError: links in a circle
        log.info("event=side_car_unreadable path=%s error=%s", file, error)
        return None


def _of_header(path: Path) -> bytes | None:
    if path.suffix.lower() != _SAFETENSORS:
        return None
    try:
        with path.open("rb") as file:
            header = read_header(file, path.stat().st_size)
    except (HeaderError, OSError):
        return None
    image = header_thumbnail(header.metadata)
    return image.data if image else None
