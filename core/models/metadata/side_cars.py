"""Finds and reads the files that other programs keep beside a model: side-cars and previews."""

from collections.abc import Callable, Mapping
from typing import Final

from core.errors import InvalidInput
from core.images.files import InputImage, check_image
from core.models.metadata.a1111_side_car import KEYS as A1111_KEYS
from core.models.metadata.a1111_side_car import a1111_values
from core.models.metadata.fields import FieldSource, ModelFields
from core.models.metadata.readers import untrusted
from core.models.metadata.readers.civitai import model_values, version_values
from core.models.metadata.readers.cm_info import stability_matrix_values
from core.models.metadata.readers.lora_manager import lora_manager_values
from core.models.metadata.readers.modelspec import swarm_values
from core.models.metadata.readers.thumbnails import embedded_thumbnail
from core.texts.models import metadata as texts

MAX_SIDE_CAR: Final = untrusted.MAX_JSON
"""Bytes."""

PREVIEWS: Final = (
    *(".preview.png", ".preview.jpg", ".preview.jpeg", ".preview.webp"),
    *(".png", ".jpg", ".jpeg", ".webp"),
)
"""What an image beside a model is called after the model's name, the first that is there counts."""

_SOURCES: Final[Mapping[str, FieldSource]] = {
    source.value: source
    for source in (
        FieldSource.CIVITAI_INFO,
        FieldSource.SWARM,
        FieldSource.LORA_MANAGER,
        FieldSource.CM_INFO,
        FieldSource.A1111,  # last, as three of the others end in `.json` too
    )
}
_READERS: Final[Mapping[FieldSource, Callable[[Mapping[str, object]], ModelFields]]] = {
    FieldSource.SWARM: swarm_values,
    FieldSource.LORA_MANAGER: lora_manager_values,
    FieldSource.CM_INFO: stability_matrix_values,
}
_MODEL: Final = "modelVersions"
"""Of Civitai's objects only a model has it, and SD.Next's `.json` is one."""
_VERSION: Final = {"modelId", "baseModel", "trainedWords"}


def side_cars_of(name: str) -> tuple[str, ...]:
    """Names to look for beside a model file, side-cars first, then images."""
    stem = _stem(name)
    return tuple(f"{stem}{ending}" for ending in (*_SOURCES, *PREVIEWS))


def model_stem_of(name: str) -> str | None:
    """The model's name without its ending that a side-car or a preview belongs to; else None."""
    endings = (each for each in (*_SOURCES, *PREVIEWS) if name.lower().endswith(each))
    ending = next(endings, None)
    return name[: -len(ending)] or None if ending else None


def is_preview(name: str) -> bool:
    """Whether a file is an image, by its name."""
    return name.lower().endswith(PREVIEWS)


def read_side_car(name: str, data: bytes) -> tuple[FieldSource, ModelFields]:
    """What a side-car says, by its name's ending and, for `.json`, by its keys.

    Raises InvalidInput with the name as its field for one that is none, damaged, or empty of
    what is kept.
    """
    source, values = _opened(name, data)
    fields = _READERS[source](values) if source in _READERS else _by_keys(name, values)
    if fields == ModelFields():
        raise InvalidInput(texts.NO_FIELDS, name)
    return source, fields


def preview_of(name: str, data: bytes) -> InputImage | None:
    """The image that a file beside a model is, or that stands in a side-car; None without one.

    Raises InvalidInput with the name as its field for an image that can't be used.
    """
    if is_preview(name):
        return check_image(data, name)
    return embedded_thumbnail(_opened(name, data)[1])


def _opened(name: str, data: bytes) -> tuple[FieldSource, Mapping[str, object]]:
    source = next((_SOURCES[each] for each in _SOURCES if name.lower().endswith(each)), None)
    if source is None:
        raise InvalidInput(texts.NO_SIDE_CAR, name)
    if len(data) > MAX_SIDE_CAR:
        raise InvalidInput(texts.side_car_too_large(MAX_SIDE_CAR), name)
    values = untrusted.json_of(data.removeprefix(b"\xef\xbb\xbf"))
    if not isinstance(values, dict):
        raise InvalidInput(texts.NO_JSON, name)
    return source, values


def _by_keys(name: str, values: Mapping[str, object]) -> ModelFields:
    """Of a `.civitai.info` or a `.json`, which may be any of three."""
    if _MODEL in values:
        return model_values(values, model_stem_of(name) or "")
    if _VERSION & values.keys():
        return version_values(values)
    if A1111_KEYS & values.keys() and name.lower().endswith(FieldSource.A1111):
        return a1111_values(values)
    raise InvalidInput(texts.NO_SIDE_CAR, name)


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name
