"""Reads the fields of ModelSpec 1.0.1, which stand in safetensors headers and in SwarmUI's files.

Source: github.com/Stability-AI/ModelSpec; SwarmUI src/Text2Image/T2IModelHandler.cs, which also
reads the names without their prefix.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from core.models.metadata.fields import ModelFields
from core.models.metadata.readers import untrusted

_PREFIX: Final = "modelspec."
_SIZE: Final = re.compile(r"\s*(\d{1,5})\s*[xX,]\s*(\d{1,5})\s*")
_ADAPTER: Final = re.compile(r"/.*", re.DOTALL)
"""`stable-diffusion-xl-v1-base/lora`: what kind of file it is stands behind the architecture."""

THUMBNAILS: Final = ("modelspec.thumbnail", "thumbnail", "modelspec.preview_image", "preview_image")
"""Names under which a data URL stands."""


def header_values(metadata: Mapping[str, str]) -> ModelFields:
    """What a safetensors header says."""
    return _fields(lambda name: metadata.get(f"{_PREFIX}{name}"), (None, None))


def swarm_values(values: Mapping[str, object]) -> ModelFields:
    """What SwarmUI's `.swarm.json` says."""
    sides = values.get("standard_width"), values.get("standard_height")
    return _fields(lambda name: values.get(f"{_PREFIX}{name}", values.get(name)), sides)


def _fields(get: Callable[[str], object], sides: tuple[object, object]) -> ModelFields:
    architecture = untrusted.line(get("architecture"), 64)
    return ModelFields(
        title=untrusted.line(get("title"), 128),
        description=untrusted.paragraphs(get("description"), get("usage_hint")),
        base_model=_ADAPTER.sub("", architecture) or None if architecture else None,
        trained_words=untrusted.split_words(get("trigger_phrase")),
        licence=untrusted.line(get("license"), 500),
        author=untrusted.line(get("author"), 128),
        tags=untrusted.tags(get("tags")),
        prediction_type=untrusted.line(get("prediction_type"), 32),
        settings=untrusted.settings(
            clip_skip=get("encoder_layer"), size=_size(get("resolution")) or sides
        ),
    )


def _size(value: object) -> tuple[object, object] | None:
    """Width and height of `1024x1024`."""
    found = _SIZE.fullmatch(value) if isinstance(value, str) else None
    return (found[1], found[2]) if found else None
