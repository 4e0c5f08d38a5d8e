"""What people and files say about a model: each source's own words, and which of them counts."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import Field, StringConstraints

from formats.frozen import Tolerant
from formats.limits import (
    MAX_LORA_WEIGHT,
    MAX_MODEL_DESCRIPTION,
    MAX_MODEL_TAGS,
    MAX_TRAINED_WORDS,
    MAX_URL,
)

Word = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Weight = Annotated[float, Field(ge=-MAX_LORA_WEIGHT, le=MAX_LORA_WEIGHT)]


class FieldSource(StrEnum):
    """Who said it, the most trusted first; the value is the word a user reads."""

    PERSON = "typed here"
    SITE = "the site"
    CIVITAI_INFO = ".civitai.info"
    SWARM = ".swarm.json"
    LORA_MANAGER = ".metadata.json"
    CM_INFO = ".cm-info.json"
    A1111 = ".json"
    HEADER = "the file"


class RecommendedSettings(Tolerant):
    """Settings that a model is best used with; None leaves the form as it is."""

    sampler: str | None = None
    scheduler: str | None = None
    steps: int | None = None
    cfg_scale: float | None = None
    clip_skip: int | None = None
    width: int | None = None
    height: int | None = None


class ModelFields(Tolerant):
    """What one source says; None where it says nothing."""

    title: Annotated[str, Field(max_length=128)] | None = None
    """The name that people see; the file keeps its own."""
    version: Annotated[str, Field(max_length=128)] | None = None
    description: Annotated[str, Field(max_length=MAX_MODEL_DESCRIPTION)] | None = None
    base_model: Annotated[str, Field(max_length=64)] | None = None
    """As the source calls it: `Illustrious`, `SDXL 1.0`."""
    trained_words: Annotated[tuple[Word, ...], Field(max_length=MAX_TRAINED_WORDS)] | None = None
    negative_words: Annotated[str, Field(max_length=2000)] | None = None
    weight: Weight | None = None
    """What a LoRA is best used with; `weight_min` and `weight_max` bound its slider."""
    weight_min: Weight | None = None
    weight_max: Weight | None = None
    licence: Annotated[str, Field(max_length=500)] | None = None
    source_url: Annotated[str, Field(max_length=MAX_URL)] | None = None
    author: Annotated[str, Field(max_length=128)] | None = None
    tags: Annotated[tuple[Word, ...], Field(max_length=MAX_MODEL_TAGS)] | None = None
    notes: Annotated[str, Field(max_length=MAX_MODEL_DESCRIPTION)] | None = None
    prediction_type: Annotated[str, Field(max_length=32)] | None = None
    """As the source calls it: `epsilon` or `v`; what the tensors say counts before it."""
    settings: RecommendedSettings | None = None


Layers = Mapping[FieldSource, ModelFields]


class Known(Tolerant):
    """What counts of all that is said, and who said each of it."""

    fields: ModelFields = ModelFields()
    sources: Mapping[str, FieldSource] = {}
    """By the field's name."""


def merged(layers: Layers) -> Known:
    """Of each field what the most trusted source says."""
    values: dict[str, Any] = {}
    sources: dict[str, FieldSource] = {}
    for source in _BY_TRUST:
        for name, value in layers[source] if source in layers else ModelFields():
            if value is not None and name not in values:
                values[name], sources[name] = value, source
    return Known(fields=ModelFields.model_construct(**values), sources=sources)


_BY_TRUST: Final = tuple(FieldSource)
