"""From a photo to the skeletons of everybody in it, on the CPU."""

import math
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw

from formats.limits import MAX_PEOPLE, MAX_SIDE, MIN_SIDE
from formats.openpose.pose_map import LIMBS
from formats.openpose.skeleton import Person, Skeleton
from poses.detection.blazepose import to_person
from poses.detection.landmarks import Body, LandmarkFinder
from poses.detection.person_finder import Found, PersonFinder

MIN_PRESENCE: Final = 0.5
"""MediaPipe's threshold for the landmark network's own word that there is somebody."""

MIN_POINTS: Final = 5
"""Fewer keypoints than these are no use as a pose."""

_SAME_PERSON: Final = 0.5
"""Two finds are one person when their common points are closer than this, in the mean and in
sizes of the trunk."""

_WORK_SIDE: Final = 1024
"""Larger photos are looked at in this size; the networks see 224 and 256 pixels anyway."""

_TILE: Final = 0.6
"""A closer look's square, in the photo's longer sides; each overlaps half of its neighbour."""

_SURE: Final = 0.7
"""Least score at a closer look: below it patterns pass for people (20 photos of none in
scikit-image: nobody at 0.7, somebody in one at 0.65)."""

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
        again, until it finds nobody new. Where it finds nobody at all it looks closer, part by
        part. Nobody found gives a skeleton without people. A photo beyond a canvas' limits gets
        the nearest canvas. EXIF turns are the caller's to undo.
        """
        work = photo.convert("RGB")
        work.thumbnail((_WORK_SIDE, _WORK_SIDE), Image.Resampling.BILINEAR)
        people = sorted(self._everybody(work)[:MAX_PEOPLE], key=_middle)
        width, height = (min(max(side, MIN_SIDE), MAX_SIDE) for side in photo.size)
        fx, fy = width / work.width, height / work.height
        return Skeleton(
            width=width, height=height, people=tuple(person.scaled(fx, fy) for person in people)
        )

    def _everybody(self, work: Image.Image) -> list[Person]:
        people = self._all(work, lambda: self._people.find(work))
        return people or self._all(work, lambda: self._closely(work))

    def _closely(self, work: Image.Image) -> Iterator[Found]:
        """Who is found in parts of the image."""
        for box in _tiles(work.size):
            for found in self._people.find(work.crop(box), _SURE):
                yield found.shifted(*box[:2])

    def _all(self, work: Image.Image, look: Callable[[], Iterable[Found]]) -> list[Person]:
        """Look, paint over who was found, and look again until there is nobody new."""
        people: list[Person] = []
        while len(people) < MAX_PEOPLE:
            before = len(people)
            for found in look():
                body = self._landmarks.find(work, found)
                person = to_person(body, work.size)
                if _is_somebody(body, person) and not any(_same(person, p) for p in people):
                    people.append(person)
                    _paint_over(work, person)
            if len(people) == before:
                break
        return people


@lru_cache(maxsize=1)
def shared_detector() -> PoseDetector:
    """The process's one detector, loaded at the first call (about 0.1 s)."""
    return PoseDetector()


def _tiles(size: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
    """Boxes of left, top, right, bottom that cover an image of that size."""
    side = round(_TILE * max(size))
    lefts, tops = (_starts(length, side) for length in size)
    for top in tops:
        for left in lefts:
            yield left, top, min(left + side, size[0]), min(top + side, size[1])


def _starts(length: int, side: int) -> list[int]:
    """Where squares begin that cover a length, each half over the one before."""
    steps = max(0, math.ceil(2 * (length - side) / side))
    return [round((length - side) * i / steps) for i in range(steps + 1)] if steps else [0]


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
