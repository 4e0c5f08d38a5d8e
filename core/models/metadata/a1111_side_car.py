"""Reads and writes `<name>.json`, A1111's side-car of a LoRA, an embedding or a checkpoint.

Source: A1111 modules/ui_extra_networks_user_metadata.py and
extensions-builtin/Lora/ui_edit_user_metadata.py, `save_lora_user_metadata`.
"""

import json
from collections.abc import Mapping
from typing import Final

from core.models.metadata.fields import Known, ModelFields
from core.models.metadata.readers import untrusted
from formats.models.kinds import Family

_DESCRIPTION: Final = "description"
_VERSION: Final = "sd version"
_WORDS: Final = "activation text"
_WEIGHT: Final = "preferred weight"
_NEGATIVE: Final = "negative text"
_NOTES: Final = "notes"
KEYS: Final = {_DESCRIPTION, _VERSION, _WORDS, _WEIGHT, _NEGATIVE, _NOTES}

_UNKNOWN: Final = "Unknown"
_VERSIONS: Final[Mapping[Family, str]] = {
    Family.SD1: "SD1",
    Family.SD2: "SD2",
    Family.SDXL: "SDXL",
    Family.UNKNOWN: _UNKNOWN,
}
"""The choices of A1111's editor."""


def a1111_values(values: Mapping[str, object]) -> ModelFields:
    """What the file says; a weight of 0 is what A1111 writes for none."""
    version = untrusted.line(values.get(_VERSION), 64)
    return ModelFields(
        description=untrusted.paragraphs(values.get(_DESCRIPTION)),
        base_model=None if version == _UNKNOWN else version,
        trained_words=untrusted.split_words(values.get(_WORDS)),
        weight=untrusted.weight(values.get(_WEIGHT)),
        negative_words=untrusted.paragraphs(values.get(_NEGATIVE), limit=2000),
        notes=untrusted.paragraphs(values.get(_NOTES)),
    )


def write_a1111(known: Known, family: Family = Family.UNKNOWN) -> bytes:
    """The side-car of what is known about a file, as A1111 writes it.

    Its editor offers weights from 0 to 2; another one is written as it is, as A1111 puts it into
    the prompt all the same.
    """
    fields = known.fields
    values = {
        _DESCRIPTION: fields.description or "",
        _VERSION: _VERSIONS[family],
        _WORDS: ", ".join(fields.trained_words or ()),
        _WEIGHT: fields.weight or 0,
        _NEGATIVE: fields.negative_words or "",
        _NOTES: fields.notes or "",
    }
    return json.dumps(values, indent=4, ensure_ascii=False).encode()
