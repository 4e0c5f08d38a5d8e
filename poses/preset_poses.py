"""Owns the poses that ship: the default one, and the presets under `presets/`.

A preset is an OpenPose JSON file with a name and tags.
"""

import json
from functools import cache
from pathlib import Path
from typing import Final

from formats.frozen import Frozen
from formats.openpose.json_files import from_json
from formats.openpose.skeleton import Person, Point, Skeleton

FOLDER: Final = Path(__file__).parent / "presets"

_DEFAULT_SIDE: Final = 512
_DEFAULT_BODY: Final = (
    (262, 92),
    (258, 146),
    (214, 150),
    (196, 218),
    (214, 280),
    (302, 142),
    (330, 206),
    (338, 272),
    (232, 276),
    (222, 366),
    (226, 456),
    (288, 268),
    (312, 356),
    (296, 444),
    (252, 80),
    (274, 81),
    (238, 90),
    (286, 90),
)
"""In `KEYPOINT_NAMES`' order, pixels: the weight on the right leg, shoulders against hips."""


@cache
def default_pose() -> Skeleton:
    """The pose that the editor starts from: one standing figure on a canvas of 512 x 512."""
    body = tuple(Point(x=x, y=y) for x, y in _DEFAULT_BODY)
    return Skeleton(width=_DEFAULT_SIDE, height=_DEFAULT_SIDE, people=(Person(body=body),))


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
