"""Owns the poses that ship: OpenPose JSON files with a name and tags, under `presets/`."""

import json
from functools import cache
from pathlib import Path
from typing import Final

from formats.frozen import Frozen
from formats.openpose.json_files import from_json
from formats.openpose.skeleton import Skeleton

FOLDER: Final = Path(__file__).parent / "presets"


class Preset(Frozen):
    """A pose that ships; `id` is its file's name."""

    id: str
    name: str
    tags: tuple[str, ...]
    skeleton: Skeleton


@cache
def presets() -> tuple[Preset, ...]:
    """All presets: one person before several, then by name."""
    found = [_read(path) for path in FOLDER.glob("*.json")]
    return tuple(sorted(found, key=lambda p: (len(p.skeleton.people), p.name)))


def _read(path: Path) -> Preset:
    text = path.read_text("utf-8")
    kept = json.loads(text)
    return Preset(id=path.stem, name=kept["name"], tags=kept["tags"], skeleton=from_json(text))
