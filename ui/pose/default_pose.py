"""Owns the skeleton a new pose starts from: somebody standing in contrapposto."""

from functools import cache
from typing import Final

from formats.openpose.skeleton import Person, Point, Skeleton

_SIDE: Final = 512
_JOINTS: Final = (
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
    """One figure on a canvas of 512 x 512."""
    body = tuple(Point(x=x, y=y) for x, y in _JOINTS)
    return Skeleton(width=_SIDE, height=_SIDE, people=(Person(body=body),))
