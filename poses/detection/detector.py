"""Detects the skeletons of everybody in a photo, on the CPU."""

import math
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw

from formats.limits import MAX_PEOPLE, MAX_SIDE, MIN_SIDE
from formats.openpose.pose_map import LIMBS
from formats.openpose.skeleton import Person, Skeleton
from poses.detection.blazepose_landmarks import BodyLandmarks, LandmarkFinder
from poses.detection.blazepose_people import PersonDetection, PersonFinder
from poses.detection.openpose_keypoints import to_person

MIN_PRESENCE: Final = 0.5
"""MediaPipe's threshold for the landmark network's score that a person is there."""

MIN_POINTS: Final = 5
"""Fewer keypoints than these are no pose."""

_SAME_PERSON_DISTANCE: Final = 0.5
"""Two detections are one person when their common points are closer than this: the mean distance,
in sizes of the trunk."""

_WORK_SIDE: Final = 1024
"""Larger photos are searched at this size; the networks take 224 and 256 pixels anyway."""

_TILE: Final = 0.6
"""Side of a tile in the photo's longer sides; each overlaps half of its neighbour."""

_TILE_MIN_SCORE: Final = 0.7
"""Least score in a tile: below it patterns pass for people (20 photos of nobody in scikit-image:
none found at 0.7, somebody in one at 0.65)."""

_GREY: Final = (127, 127, 127)
_TRUNK: Final = ((2, 5), (8, 11), (2, 8), (5, 11), (2, 11), (5, 8))
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

        BlazePose's detector finds large figures best: those found are painted over and it runs
        again, until it finds nobody new. Where it finds nobody at all it searches tiles of the
        photo. Nobody found gives a skeleton without people. A photo beyond a canvas' limits gets
        the nearest canvas. The caller applies the EXIF orientation.
        """
        work = photo.convert("RGB")
        work.thumbnail((_WORK_SIDE, _WORK_SIDE), Image.Resampling.BILINEAR)
        people = sorted(self._find_everybody(work)[:MAX_PEOPLE], key=_center_x)
        width, height = (min(max(side, MIN_SIDE), MAX_SIDE) for side in photo.size)
        fx, fy = width / work.width, height / work.height
        return Skeleton(
            width=width, height=height, people=tuple(person.scaled(fx, fy) for person in people)
        )

    def _find_everybody(self, work: Image.Image) -> list[Person]:
        people = self._find_until_none(work, lambda: self._people.find(work))
        return people or self._find_until_none(work, lambda: self._find_in_tiles(work))

    def _find_in_tiles(self, work: Image.Image) -> Iterator[PersonDetection]:
        """The people in each tile, in pixels of the whole image."""
        for box in _tiles(work.size):
            for found in self._people.find(work.crop(box), _TILE_MIN_SCORE):
                yield found.offset_by(*box[:2])

    def _find_until_none(
        self, work: Image.Image, detect: Callable[[], Iterable[PersonDetection]]
    ) -> list[Person]:
        """Detect, paint over the people found, and detect again until there is nobody new."""
        people: list[Person] = []
        while len(people) < MAX_PEOPLE:
            before = len(people)
            for found in detect():
                body = self._landmarks.find(work, found)
                person = to_person(body, work.size)
                is_known = any(_is_same_person(person, other) for other in people)
                if _is_somebody(body, person) and not is_known:
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
    lefts, tops = (_tile_starts(length, side) for length in size)
    for top in tops:
        for left in lefts:
            yield left, top, min(left + side, size[0]), min(top + side, size[1])


def _tile_starts(length: int, side: int) -> list[int]:
    """Where tiles start that cover a length, each half over the one before."""
    steps = max(0, math.ceil(2 * (length - side) / side))
    return [round((length - side) * i / steps) for i in range(steps + 1)] if steps else [0]


def _is_somebody(body: BodyLandmarks, person: Person) -> bool:
    count = sum(point is not None for point in person.body)
    return body.presence >= MIN_PRESENCE and count >= MIN_POINTS


def _center_x(person: Person) -> float:
    across = [point.x for point in person.body if point]
    return sum(across) / len(across)


def _trunk_size(person: Person) -> float:
    """The longest distance between two of shoulders and hips, or a neck; pixels, at least 1."""
    body = person.body
    pairs = [(body[a], body[b]) for a, b in (*_TRUNK, (0, 1))]
    return max((math.dist((a.x, a.y), (b.x, b.y)) for a, b in pairs if a and b), default=1.0) or 1.0


def _is_same_person(one: Person, other: Person) -> bool:
    common = [(a, b) for a, b in zip(one.body, other.body, strict=True) if a and b]
    if len(common) < MIN_POINTS:
        return False
    apart = sum(math.dist((a.x, a.y), (b.x, b.y)) for a, b in common) / len(common)
    return apart < _SAME_PERSON_DISTANCE * max(_trunk_size(one), _trunk_size(other))


def _paint_over(image: Image.Image, person: Person) -> None:
    canvas, body = ImageDraw.Draw(image), person.body
    width = max(2, round(_MASK_WIDTH * _trunk_size(person)))
    for start, end in (*LIMBS, *_TRUNK):
        a, b = body[start], body[end]
        if a and b:
            canvas.line((a.x, a.y, b.x, b.y), fill=_GREY, width=width)
    for point in filter(None, body):
        half = width / 2
        box = (point.x - half, point.y - half, point.x + half, point.y + half)
        canvas.ellipse(box, fill=_GREY)
