"""Reads forms as older versions stored them: renamed fields, and fields that can't be read."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import from_json

from ui.form.values import FormValues

log = logging.getLogger(__name__)

_PARTS: Final[Mapping[str, Mapping[str, str]]] = {
    "inpaint": {
        "mask_inverted": "inverted",
        "mask_blur": "blur",
        "masked_content": "content",
        "inpaint_area": "area",
        "mask_padding": "padding",
    },
    "hires": {
        "hires_upscaler": "upscaler",
        "hires_scale": "scale",
        "hires_steps": "steps",
        "hires_denoising": "denoising_strength",
        "hires_sampler": "sampler",
        "hires_schedule": "schedule",
    },
    "upscale": {"upscaler": "upscaler", "upscale_by": "scale"},
}
"""Fields that lay flat in the form of version 0.1, by the group they are in now."""

_UNIT: Final = {
    "enabled": "control",
    "model": "control_model",
    "weight": "control_weight",
    "span": "control_span",
    "mode": "control_mode",
    "resize": "control_resize",
}
"""Before there were several units: the one unit's fields lay flat among the form's."""


def renamed(data: Any) -> dict[str, Any]:
    """The stored fields under the names of today. Raises TypeError or ValueError for no object."""
    fields = dict(data)
    if isinstance(fields.get("hires"), bool):
        fields["with_hires"] = fields.pop("hires")
        fields["hires_steps"] = fields.get("hires_steps") or None  # 0: as in the first pass
    for group, names in _PARTS.items():
        found = {new: fields.pop(old) for old, new in names.items() if old in fields}
        if found:
            fields.setdefault(group, found)
    if "units" not in fields and "control" in fields:
        unit = {new: fields[old] for new, old in _UNIT.items() if old in fields}
        source = "Pose" if fields.get("pose") else "Picture"
        fields["units"] = [{**unit, "source": source}]
    return fields


def read_form_values(data: str | bytes) -> FormValues:
    """Stored values; a field that this version can't read starts anew, and the log says so."""
    try:
        fields = from_json(data)
        return read_form_fields(fields)[0]
    except (TypeError, ValueError):
        log.warning("event=form_unreadable why=not_a_json_object")
        return FormValues()


def read_form_fields(stored: Any) -> tuple[FormValues, frozenset[str]]:
    """Values of some fields, and the names of those that could be read.

    Raises TypeError or ValueError for what is no object.
    """
    fields = renamed(stored)
    try:
        values = FormValues.model_validate(fields)
    except ValidationError as error:
        unreadable = [each["loc"] for each in error.errors(include_url=False, include_input=False)]
        log.warning("event=form_fields_unreadable fields=%s", unreadable)
        for path in unreadable:
            _drop(fields, path)
        values = FormValues.model_validate(fields)
    return values, frozenset(fields.keys() & FormValues.model_fields.keys())


def _drop(value: Any, path: tuple[int | str, ...]) -> bool:
    """Remove what a path leads to, or the innermost field around it. Whether one was removed."""
    key, rest = path[0], path[1:]
    if isinstance(value, list):
        return bool(rest) and isinstance(key, int) and _drop(value[key], rest)
    if not isinstance(value, dict) or key not in value:
        return False
    if not (rest and _drop(value[key], rest)):
        del value[key]
    return True
