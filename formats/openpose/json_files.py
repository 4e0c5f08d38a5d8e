"""Writes poses as OpenPose JSON, and reads its dialects."""

import json
import math
from typing import Final

from formats.openpose.coordinates import PoseFile, place_people
from formats.openpose.json_people import find_people
from formats.openpose.json_text import parse_json
from formats.openpose.point_layouts import FIELDS, HIDDEN_FIELDS, read_person
from formats.openpose.skeleton import Person, Point, Points, Skeleton, visible_points

MARK_DISTANCE: Final = 0.02
"""Pixels by which a joint is moved that lies where 0,0 or -1,-1 would say that it is missing."""


def read_json(text: str | bytes) -> PoseFile:
    """Read a pose in any dialect, and tell what was left out or changed.

    Bodies have 18 points (OpenPose's COCO), 17 (COCO), 25 (BODY_25) or 133 (COCO-WholeBody), in
    pixels or in shares of the canvas; see `json_people` and `coordinates`. A canvas too large for a
    request is made smaller; without one, the figures make it. Raises PoseError with what is wrong.
    """
    found = find_people(parse_json(text))
    people = [read_person(entry, number) for number, entry in enumerate(found.entries, 1)]
    placed = place_people(people, found.width, found.height)
    return placed.model_copy(update={"notices": (*found.notices, *placed.notices)})


def from_json(text: str | bytes) -> Skeleton:
    """The pose alone. Raises PoseError."""
    return read_json(text).skeleton


def to_json(skeleton: Skeleton) -> str:
    """The pose in the dialect of sd-webui-controlnet: pixels, confidence 1.0, 0,0,0 for missing.

    Hidden points are missing there, and are in fields of our own.
    """
    people = [_person_json(person) for person in skeleton.people]
    canvas = {"canvas_width": skeleton.width, "canvas_height": skeleton.height}
    return json.dumps({"people": people, **canvas})


def _person_json(person: Person) -> dict[str, list[float] | None]:
    entry: dict[str, list[float] | None] = {}
    for part, names in FIELDS.items():
        points: Points | None = getattr(person, part)
        entry[names[0]] = _flat(visible_points(points)) if points else None
        hidden = tuple(p if p and p.hidden else None for p in points or ())
        if any(hidden):
            entry[HIDDEN_FIELDS[part]] = _flat(hidden)
    return entry


def _flat(points: Points) -> list[float]:
    triples = ((*pair_of(point), 1.0) if point else (0.0, 0.0, 0.0) for point in points)
    return [value for triple in triples for value in triple]


def pair_of(point: Point) -> tuple[float, float]:
    """The coordinates as a file has them: never those by which files mark a missing joint."""
    for mark in (0.0, -1.0):
        if math.dist((point.x, point.y), (mark, mark)) < MARK_DISTANCE:
            return mark + MARK_DISTANCE, mark + MARK_DISTANCE
    return point.x, point.y
