"""From a photo to the skeletons of everybody in it, on the CPU."""

import math
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw

from formats.limits import MAX_PEOPLE, MAX_SIDE, MIN_SIDE
from formats.openpose import Person, Skeleton
from formats.openpose_map import LIMBS
from poses.blazepose import to_person
from poses.landmarks import Body, LandmarkFinder
from poses.person_finder import PersonFinder

MIN_PRESENCE: Final = 0.5
"""MediaPipe's threshold for the landmark network's own word that there is somebody."""

MIN_POINTS: Final = 5
"""Fewer keypoints than these are no use as a pose."""

_SAME_PERSON: Final = 0.5
"""Two finds are one person when their common points are closer than this, in the mean and in
sizes of the trunk."""

_WORK_SIDE: Final = 1024
"""Larger photos are looked at in this size; the networks see 224 and 256 pixels anyway."""

_GREY: Final = (127, 127, 127)
_SPANS: Final = ((2, 5), (8, 11), (2, 8), (5, 11), (2, 11), (5, 8))
"""Pairs of shoulders and hips: the edges and diagonals of the trunk."""

_MASK_WIDTH: Final = 0.45
"""Width of what is painted over, in sizes of the trunk; covers limbs, trunk and head."""


class PoseDetector:
    """The two networks, loaded once; may be used from several threads."""

    def __init__(self) -> None:
        self._people = PersonFinder()
        self._landmarks = LandmarkFinder()

    def detect(self, photo: Image.Image) -> Skeleton:
        """Everybody in the photo, from left to right, on a canvas of the photo's size.

        BlazePose's detector sees large figures best: those found are painted over and it looks
        again, until it finds nobody new. Nobody found gives a skeleton without people. A photo
        beyond a canvas' limits gets the nearest canvas. EXIF turns are the caller's to undo.
        """
        work = photo.convert("RGB")
        work.thumbnail((_WORK_SIDE, _WORK_SIDE), Image.Resampling.BILINEAR)
        people = self._everybody(work)
        width, height = (min(max(side, MIN_SIDE), MAX_SIDE) for side in photo.size)
        fx, fy = width / work.width, height / work.height
        return Skeleton(
            width=width, height=height, people=tuple(person.scaled(fx, fy) for person in people)
        )

    def _everybody(self, work: Image.Image) -> list[Person]:
        people: list[Person] = []
        while len(people) < MAX_PEOPLE:
            new = self._look(work, people)
            if not new:
                break
            people += new
        return sorted(people[:MAX_PEOPLE], key=_middle)

    def _look(self, work: Image.Image, known: list[Person]) -> list[Person]:
        """People not known yet; each is painted over in `work`."""
        new: list[Person] = []
        for found in self._people.find(work):
            body = self._landmarks.find(work, found)
            person = to_person(body, work.size)
            if _is_somebody(body, person) and not any(_same(person, p) for p in known + new):
                new.append(person)
                _paint_over(work, person)
        return new


@lru_cache(maxsize=1)
def shared_detector() -> PoseDetector:
    """The process's one detector, loaded at the first call (about 0.1 s)."""
    return PoseDetector()


def _is_somebody(body: Body, person: Person) -> bool:
    seen = sum(point is not None for point in person.body)
    return body.presence >= MIN_PRESENCE and seen >= MIN_POINTS


def _middle(person: Person) -> float:
    across = [point.x for point in person.body if point]
    return sum(across) / len(across)


def _size(person: Person) -> float:
    """The longest distance between two of shoulders and hips, or a neck; pixels, at least 1."""
    body = person.body
    pairs = [(body[a], body[b]) for a, b in (*_SPANS, (0, 1))]
    return max((math.dist((a.x, a.y), (b.x, b.y)) for a, b in pairs if a and b), default=1.0) or 1.0


def _same(one: Person, other: Person) -> bool:
    common = [(a, b) for a, b in zip(one.body, other.body, strict=True) if a and b]
    if len(common) < MIN_POINTS:
        return False
    apart = sum(math.dist((a.x, a.y), (b.x, b.y)) for a, b in common) / len(common)
    return apart < _SAME_PERSON * max(_size(one), _size(other))


def _paint_over(picture: Image.Image, person: Person) -> None:
    canvas, body = ImageDraw.Draw(picture), person.body
    width = max(2, round(_MASK_WIDTH * _size(person)))
    for start, end in (*LIMBS, *_SPANS):
        a, b = body[start], body[end]
        if a and b:
            canvas.line((a.x, a.y, b.x, b.y), fill=_GREY, width=width)
    for point in filter(None, body):
        half = width / 2
        box = (point.x - half, point.y - half, point.x + half, point.y + half)
        canvas.ellipse(box, fill=_GREY)
