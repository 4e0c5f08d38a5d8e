"""A map comes back with as many people and joints as were drawn, whoever drew it.

Over all poses that ship, with and without hands, in several sizes, as PNG and as JPEG; a sample in
`make test`, all of it in `make soak`.
"""

import io
import itertools
import math
import random
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import numpy as np
import pytest
from PIL import Image

from formats.openpose.pose_map import COLOURS, LIMB_BRIGHTNESS, LIMBS, draw, limb_radius
from formats.openpose.skeleton import KEYPOINT_NAMES, Person, Point, PoseError, Skeleton
from poses.hands import HandShape, Side, with_hand
from poses.maps.reader import MapPose, read_map
from poses.preset_poses import presets
from tests.poses.maps.other_renderers import RADIUS, Order, render
from tests.support.soak import rounds

SIZES: Final = ((256, 256), (512, 512), (768, 512), (1024, 1024))
QUALITIES: Final = (None, 95, 85, 75, 60)
"""Of a JPEG; None is a PNG."""

HANDS: Final = (None, *HandShape)
"""On both sides."""

VISIBLE_DISC: Final = 0.6
VISIBLE_LIMB: Final = 0.75
"""Shares of a joint's disc and of a limb that must show in the drawing for it to be asked back."""

ROUNDING: Final = 4
"""Of 255: what several darkenings leave of a colour's value."""

BLUE: Final = KEYPOINT_NAMES.index("left knee")
"""What shows may be a hand's joint: it has the same colour."""

NEAR: Final = 0.01
HIDDEN_NEAR: Final = 0.05
"""Of the longer side: how near to its place a joint must come back, and one under other colours."""

MAX_MISSING: Final = 0.005
"""Of the joints that show. JPEG takes some where several colours meet in a few pixels."""

TOO_MANY_OF_BLUR: Final = 1
"""In a JPEG the colours of a nose and an eye may blend into that of an ear."""


class Case(NamedTuple):
    preset: str
    size: tuple[int, int]
    hands: HandShape | None
    quality: int | None

    def pose(self) -> Skeleton:
        pose = {each.id: each.skeleton for each in presets()}[self.preset].scaled(*self.size)
        people = (with_hands(p, self.hands) if self.hands else p for p in pose.people)
        return pose.model_copy(update={"people": tuple(people)})


def with_hands(person: Person, shape: HandShape) -> Person:
    for side in Side:
        try:
            person = with_hand(person, side, shape)
        except PoseError:
            continue  # it has no such forearm
    return person


def cases(rounds: int, hands: Iterable[HandShape | None] = HANDS) -> list[Case]:
    """A sample that is the same each time, or all."""
    names = [preset.id for preset in presets()]
    every = [Case(*each) for each in itertools.product(names, SIZES, hands, QUALITIES)]
    random.Random(7).shuffle(every)
    return every[:rounds]


def compressed(image: Image.Image, quality: int | None) -> Image.Image:
    if quality is None:
        return image
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer)


class Shown(NamedTuple):
    """A joint of the drawing that can be told from it."""

    keypoint: int
    point: Point
    by_disc: bool


def shown_joints(
    image: Image.Image, pose: Skeleton, radius: float, darkening: float
) -> list[Shown]:
    """The joints whose own disc shows, and the ends of limbs that show."""
    pixels = np.asarray(image)
    shown = []
    for later, person in enumerate(reversed(pose.people)):
        points, bright = person.visible(), darkening**later
        discs = {
            index: share_of(pixels, disc(point, radius), COLOURS[index], bright)
            for index, point in enumerate(points)
            if point
        }
        by_limb = {
            end
            for kind, ends in enumerate(LIMBS)
            if all(end in discs for end in ends)
            and max(discs[end] for end in ends) >= VISIBLE_DISC
            and share_of(
                pixels, limb(points, kind, radius), COLOURS[kind], bright * LIMB_BRIGHTNESS
            )
            >= VISIBLE_LIMB
            for end in ends
        }
        shown += [
            Shown(index, point, discs[index] >= VISIBLE_DISC)
            for index, point in enumerate(points)
            if point and (discs[index] >= VISIBLE_DISC or index in by_limb)
        ]
    return [joint for joint in shown if not overlaps(joint, shown, 2 * radius)]


def overlaps(joint: Shown, shown: list[Shown], reach: float) -> bool:
    """Whether it can't be told from another person's joint of the same kind."""
    return any(
        other is not joint
        and other.keypoint == joint.keypoint
        and distance(other.point, joint.point) < reach
        for other in shown
    )


def disc(point: Point, radius: float) -> np.ndarray:
    reach = np.arange(-math.floor(radius), math.floor(radius) + 1)
    dx, dy = (grid.ravel() for grid in np.meshgrid(reach, reach))
    inside = np.hypot(dx, dy) <= radius
    return np.stack((int(point.x) + dx[inside], int(point.y) + dy[inside]))


def limb(points: tuple[Point | None, ...], kind: int, radius: float) -> np.ndarray:
    """The middle of a limb; nothing of one that its joints hide."""
    a, b = (points[end] for end in LIMBS[kind])
    assert a
    assert b
    length = math.dist((a.x, a.y), (b.x, b.y))
    if length < 5 * radius:
        return np.zeros((2, 0), int)
    shares = np.linspace(0, 1, int(length))
    shares = shares[np.minimum(shares, 1 - shares) * length > radius + 1]
    return np.stack((a.x + (b.x - a.x) * shares, a.y + (b.y - a.y) * shares)).astype(int)


def share_of(
    pixels: np.ndarray, places: np.ndarray, colour: tuple[int, ...], brightness: float
) -> float:
    height, width = pixels.shape[:2]
    columns, rows = places
    on_map = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    if not on_map.any():
        return 0.0
    apart = np.abs(pixels[rows[on_map], columns[on_map]] - brightness * np.array(colour))
    return float((apart <= ROUNDING).all(-1).mean())


class Comparison:
    """What came back of many maps."""

    def __init__(self) -> None:
        self.strange: dict[Case, str] = {}
        """Other people or joints than were drawn."""
        self.asked = 0
        self.missing: list[tuple[Case, Shown]] = []

    def add(self, case: Case, found: MapPose | None, shown: list[Shown]) -> None:
        people, drawn = found.skeleton.people if found else (), case.pose().people
        if len(people) != len(drawn):
            self.strange[case] = f"{len(people)} people instead of {len(drawn)}"
        too_many = 0
        for index in range(len(COLOURS)):
            read = [p for person in people if (p := person.visible()[index])]
            there = [p for person in drawn if (p := person.visible()[index])]
            too_many += max(0, len(read) - len(there))
            asked = [joint for joint in shown if joint.keypoint == index]
            self.asked += len(asked)
            self.missing += [(case, joint) for joint in asked if not is_back(joint, read, case)]
        if too_many > (TOO_MANY_OF_BLUR if case.quality else 0):
            self.strange[case] = f"{too_many} joints too many"


def is_back(joint: Shown, read: list[Point], case: Case) -> bool:
    by_disc = joint.by_disc and joint.keypoint != BLUE
    within = max(case.size) * (NEAR if by_disc else HIDDEN_NEAR) + 2
    return any(distance(point, joint.point) <= within for point in read)


def distance(a: Point, b: Point) -> float:
    return math.dist((a.x, a.y), (b.x, b.y))


def compare(
    some: list[Case],
    draw_map: Callable[[Skeleton], Image.Image],
    radius: float | None = None,
    darkening: float = 1.0,
) -> Comparison:
    comparison = Comparison()
    for case in some:
        pose = case.pose()
        image = draw_map(pose)
        shown = shown_joints(image, pose, radius or limb_radius(*case.size), darkening)
        comparison.add(case, read_map(compressed(image, case.quality)), shown)
    return comparison


@rounds(20, 10**6)
def test_maps_of_ours(rounds: int) -> None:
    back = compare(cases(rounds), draw)
    assert back.strange == {}
    assert len(back.missing) <= MAX_MISSING * back.asked, back.missing


@rounds(5, 10**6)
@pytest.mark.parametrize("order", Order)
def test_maps_of_others(order: Order, rounds: int) -> None:
    darkening = LIMB_BRIGHTNESS if order is Order.DARKENED else 1.0
    some = cases(rounds, (None, HandShape.OPEN))
    back = compare(some, lambda pose: render(pose, order), RADIUS, darkening)
    assert back.strange == {}
    assert len(back.missing) <= MAX_MISSING * back.asked, back.missing
