"""Figures that several tests of poses share."""

from typing import Final

from formats.openpose.skeleton import Person, Point, Skeleton
from poses.preset_poses import presets

STANDING: Final = (
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


def standing(scale: float = 1.0, dx: float = 0.0, missing: tuple[int, ...] = ()) -> Person:
    """Somebody standing, made larger about (256, 256), moved, without some joints."""
    points = [Point(x=256 + (x - 256) * scale + dx, y=256 + (y - 256) * scale) for x, y in STANDING]
    return Person(body=tuple(None if i in missing else p for i, p in enumerate(points)))


def preset_pose(preset_id: str) -> Skeleton:
    """A pose that ships."""
    return {each.id: each.skeleton for each in presets()}[preset_id]


def canvas(*people: Person, width: int = 512, height: int = 512) -> Skeleton:
    return Skeleton(width=width, height=height, people=people)
