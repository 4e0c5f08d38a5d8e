"""Reads what kohya's trainer writes into a header: its `ss_*` keys, each a string.

Source: github.com/kohya-ss/sd-scripts, train_network.py; how A1111 counts the tags:
extensions-builtin/Lora/ui_edit_user_metadata.py, `build_tags`.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

from core.models.metadata.fields import ModelFields
from core.models.metadata.readers import untrusted
from core.texts.models import metadata as texts

MAX_TAGS: Final = 24
"""As many of the most frequent tags as A1111 shows."""

_CAPTION: Final = 16
"""Characters of an average tag from which A1111 takes the tags for captions in sentences."""
_MAX_COUNT: Final = 10**9
_SIZE: Final = re.compile(r"\(?\s*(\d{1,5})(?:\s*,\s*(\d{1,5}))?\s*\)?")


def trainer_values(metadata: Mapping[str, str]) -> ModelFields:
    """What the trainer says; nothing of captions, which are no words to prompt with."""
    comment = metadata.get("ss_training_comment")
    return ModelFields(
        title=untrusted.line(metadata.get("ss_output_name"), 128),
        base_model=untrusted.line(metadata.get("ss_base_model_version"), 64),
        trained_words=_frequent(untrusted.json_of(metadata.get("ss_tag_frequency", ""))),
        notes=untrusted.paragraphs(comment, _network(metadata)),
        settings=untrusted.settings(
            clip_skip=metadata.get("ss_clip_skip"), size=_size(metadata.get("ss_resolution", ""))
        ),
    )


def _network(metadata: Mapping[str, str]) -> str:
    names = ("ss_network_module", "ss_network_dim", "ss_network_alpha")
    values = [untrusted.line(metadata.get(name), 64) or "" for name in names]
    return texts.network(*values) if any(values) else ""


def _size(text: str) -> tuple[object, object]:
    """Width and height of `(768, 1024)`, `1024,1024` or `512`."""
    found = _SIZE.fullmatch(text.strip())
    return (found[1], found[2] or found[1]) if found else (None, None)


def _frequent(frequencies: object) -> tuple[str, ...] | None:
    """The tags of all folders, the most frequent first; some trainers write no folders."""
    counts: Counter[str] = Counter()
    table = untrusted.mapping(frequencies)
    folders = [each for each in table.values() if isinstance(each, dict)]
    for folder in folders or [table]:
        for tag, count in folder.items():
            counts[tag.strip()] += untrusted.whole(count, 0, _MAX_COUNT) or 0
    tags = +counts
    if not tags or sum(map(len, tags)) / len(tags) >= _CAPTION:
        return None
    ordered = sorted(tags, key=lambda tag: (-tags[tag], tag))
    return untrusted.words(ordered[:MAX_TAGS])
