"""Takes strangers' values into fields: bounded, without control characters, numbers in range.

Each function answers None for what it can't use, so that nothing else of its source is lost.
"""

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

from core.models.metadata.fields import ModelFields, RecommendedSettings
from core.models.metadata.readers.html_text import plain_text
from formats.limits import (
    MAX_CFG_SCALE,
    MAX_CLIP_SKIP,
    MAX_LORA_WEIGHT,
    MAX_MODEL_DESCRIPTION,
    MAX_MODEL_TAGS,
    MAX_SIDE,
    MAX_STEPS,
    MAX_TRAINED_WORDS,
    MAX_URL,
    MIN_SIDE,
    SIDE_STEP,
)

MAX_JSON: Final = 2 * 2**20
"""Longest JSON that is parsed, in characters or bytes; one can stand for 25 times its size in
objects. `.civitai.info` has 5 to 500 KB, a trainer's tags up to 1 MB."""

_JOINERS: Final = "\u200c\u200d"
"""They belong to words of Persian and to emoji; other format characters turn text around."""
_WORD: Final = 500
_SEPARATOR: Final = re.compile(r"\s*[,;\n]\s*")
_NONE: Final = {"", "none", "null", "undefined"}
"""What programs write for nothing (kohya: `None`)."""


def json_of(text: str | bytes) -> object:
    """The value that a JSON text stands for; None for one that is damaged, too long or too deep."""
    if len(text) > MAX_JSON:
        return None
    try:
        return cast("object", json.loads(text))
    except (ValueError, RecursionError):
        return None


def mapping(value: object) -> Mapping[str, object]:
    """The object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> Sequence[object]:
    """The list; an empty one for anything else."""
    return value if isinstance(value, list) else ()


def line(value: object, limit: int) -> str | None:
    """A text of one line and at most `limit` characters."""
    return " ".join(_clean(value, limit).split()) or None


def paragraphs(*values: object, limit: int = MAX_MODEL_DESCRIPTION) -> str | None:
    """Texts below each other, those of HTML without its tags, at most `limit` characters."""
    texts = (plain_text(value) if isinstance(value, str) else "" for value in values)
    kept = dict.fromkeys(filter(None, (_clean(text, limit).strip() for text in texts)))
    return "\n\n".join(kept)[:limit].strip() or None


def _clean(value: object, limit: int) -> str:
    if not isinstance(value, str) or value.strip().lower() in _NONE:
        return ""
    text = "".join(filter(_is_kept, value[:limit].replace("\r\n", "\n").replace("\t", " ")))
    return unicodedata.normalize("NFC", text)[:limit]


def _is_kept(letter: str) -> bool:
    return letter in _JOINERS or letter == "\n" or unicodedata.category(letter) not in _UNSEEN


_UNSEEN: Final = {"Cc", "Cf", "Cs"}


def words(values: Iterable[object], limit: int = MAX_TRAINED_WORDS) -> tuple[str, ...] | None:
    """Each word or group of words once, in their order."""
    found = (line(value, _WORD) for value in values)
    kept = dict.fromkeys(word.strip(" ,;") for word in found if word)
    kept.pop("", None)
    return tuple(kept)[:limit] or None


def split_words(value: object) -> tuple[str, ...] | None:
    """Words that stand in one text, parted by commas, semicolons or lines."""
    text = _clean(value, _WORD * MAX_TRAINED_WORDS)
    return words(_SEPARATOR.split(text))


def tags(value: object) -> tuple[str, ...] | None:
    """Tags in one text, or as a list, where each may be an object with a `name`."""
    if isinstance(value, str):
        found = split_words(value)
        return found[:MAX_MODEL_TAGS] if found else None
    names = (mapping(each).get("name") if isinstance(each, dict) else each for each in items(value))
    return words(names, MAX_MODEL_TAGS)


def number(value: object, low: float, high: float) -> float | None:
    """A number from `low` to `high`, which may be written as a text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) and low <= found <= high else None


def whole(value: object, low: int, high: int) -> int | None:
    """The same for a whole number."""
    found = number(value, low, high)
    return int(found) if found is not None and found.is_integer() else None


def weight(value: object) -> float | None:
    """A LoRA's weight; 0 is what programs write for none."""
    return number(value, -MAX_LORA_WEIGHT, MAX_LORA_WEIGHT) or None


def bound(value: object) -> float | None:
    """An end of a weight's range, which may be 0."""
    return number(value, -MAX_LORA_WEIGHT, MAX_LORA_WEIGHT)


def web_address(value: object) -> str | None:
    """An address that a person may follow."""
    found = line(value, MAX_URL)
    return found if found and re.match(r"https?://[^\s/]", found) else None


def identity(value: object) -> int | None:
    """A site's number of something."""
    return whole(value, 1, 2**53)


def settings(
    *,
    sampler: str | None = None,
    scheduler: str | None = None,
    steps: object = None,
    cfg_scale: object = None,
    clip_skip: object = None,
    size: tuple[object, object] = (None, None),
) -> RecommendedSettings | None:
    """Those that the form can be filled with; None where none can."""
    width, height = (whole(side, MIN_SIDE, MAX_SIDE) for side in size)
    is_size = width and height and not (width % SIDE_STEP or height % SIDE_STEP)
    found = RecommendedSettings(
        sampler=sampler,
        scheduler=scheduler,
        steps=whole(steps, 1, MAX_STEPS),
        cfg_scale=number(cfg_scale, 1, MAX_CFG_SCALE),
        clip_skip=whole(clip_skip, 1, MAX_CLIP_SKIP),
        width=width if is_size else None,
        height=height if is_size else None,
    )
    return None if found == RecommendedSettings() else found


def joined(*layers: ModelFields) -> ModelFields:
    """Of each field what the first says that says anything."""
    values: dict[str, Any] = {}
    for layer in layers:
        for name, value in layer:
            if value is not None:
                values.setdefault(name, value)
    return ModelFields(**values)
