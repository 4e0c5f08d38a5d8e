"""Reads `.metadata.json`, what ComfyUI-Lora-Manager keeps beside a model file.

Source: github.com/willmiao/ComfyUI-Lora-Manager, py/utils/models.py. What its user typed counts
before the object of Civitai that stands in it.
"""

from collections.abc import Mapping

from core.models.metadata.fields import ModelFields
from core.models.metadata.readers import untrusted
from core.models.metadata.readers.civitai import version_values


def lora_manager_values(values: Mapping[str, object]) -> ModelFields:
    """What the file says."""
    tips = values.get("usage_tips")
    advice = untrusted.mapping(untrusted.json_of(tips) if isinstance(tips, str) else tips)
    own = ModelFields(
        title=untrusted.line(values.get("model_name"), 128),
        description=untrusted.paragraphs(values.get("modelDescription")),
        base_model=_base_model(values.get("base_model")),
        weight=untrusted.weight(advice.get("strength")),
        weight_min=untrusted.bound(advice.get("strength_min")),
        weight_max=untrusted.bound(advice.get("strength_max")),
        tags=untrusted.tags(values.get("tags")),
        notes=untrusted.paragraphs(values.get("notes")),
        settings=untrusted.settings(clip_skip=advice.get("clip_skip")),
    )
    return untrusted.joined(own, version_values(untrusted.mapping(values.get("civitai"))))


def _base_model(value: object) -> str | None:
    """The program writes `Unknown` where it does not know."""
    found = untrusted.line(value, 64)
    return None if found in ("Unknown", "Other") else found
