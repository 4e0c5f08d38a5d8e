"""Owns the skeleton: from a stance and proportions to OpenPose's 18 keypoints and a head."""

import math
import random
from dataclasses import dataclass

from demo.painting.figures.stances import Limb, Stance
from demo.painting.shapes import Vec

SHOULDERS = {"R": 2, "L": 5}
HIPS = {"R": 8, "L": 11}
"""Index of the side's first arm and leg joint in `formats.openpose.KEYPOINT_NAMES`."""


@dataclass(frozen=True)
class Head:
    """The head's disc: features are placed in units of its radius."""

    centre: Vec
    radius: float
    tilt: float
    """Radians, clockwise."""
    yaw: float

    def at(self, across: float, down: float) -> Vec:
        """A point by radii across and down the tilted head."""
        cos, sin = math.cos(self.tilt) * self.radius, math.sin(self.tilt) * self.radius
        x, y = self.centre
        return x + across * cos - down * sin, y + across * sin + down * cos


@dataclass(frozen=True)
class Bones:
    """A skeleton about its neck at (0, 0), upright; the whole figure is turned later."""

    points: tuple[Vec, ...]
    head: Head
    size: float
    """Height of the figure when it stands, in pixels."""
    chibi: float
    """0: seven heads tall; 1: three heads tall, with short limbs."""
    stance: Stance

    @property
    def pelvis(self) -> Vec:
        """Midway between the hips."""
        (ax, ay), (bx, by) = self.points[8], self.points[11]
        return (ax + bx) / 2, (ay + by) / 2


def _between(tall: float, cute: float, chibi: float) -> float:
    return tall + (cute - tall) * chibi


def build_bones(rng: random.Random, stance: Stance, chibi: float, size: float) -> Bones:
    """The skeleton of a figure `size` pixels tall in that stance."""
    lean = math.radians(stance.lean)
    points: list[Vec] = [(0.0, 0.0)] * 18
    _trunk(rng, points, stance, (chibi, size, lean))
    _arms(rng, points, stance, (chibi, size))
    _legs(rng, points, stance, (chibi, size))
    head = _head(stance, lean, _between(0.145, 0.235, chibi) * size)
    _face(points, head)
    return Bones(tuple(points), head, size, chibi, stance)


def _trunk(
    rng: random.Random, points: list[Vec], stance: Stance, build: tuple[float, float, float]
) -> None:
    chibi, size, lean = build
    up, right = (math.sin(lean), -math.cos(lean)), (math.cos(lean), math.sin(lean))
    torso = _between(0.30, 0.25, chibi) * size
    shoulder = _between(0.095, 0.10, chibi) * size * rng.uniform(0.9, 1.1) * stance.narrow
    hip = _between(0.055, 0.06, chibi) * size * stance.narrow
    for side, sign in (("R", -1), ("L", 1)):
        drop = 0.02 * size
        points[SHOULDERS[side]] = (
            right[0] * sign * shoulder - up[0] * drop,
            right[1] * sign * shoulder - up[1] * drop,
        )
        points[HIPS[side]] = (
            -up[0] * torso + right[0] * sign * hip,
            -up[1] * torso + right[1] * sign * hip,
        )


def _arms(
    rng: random.Random, points: list[Vec], stance: Stance, build: tuple[float, float]
) -> None:
    chibi, size = build
    upper = _between(0.165, 0.125, chibi) * size * rng.uniform(0.93, 1.07)
    lower = _between(0.155, 0.12, chibi) * size * rng.uniform(0.93, 1.07)
    for side, first in SHOULDERS.items():
        _limb(points, first, (upper, lower), _directions(stance, side, stance.arms[side]))


def _legs(
    rng: random.Random, points: list[Vec], stance: Stance, build: tuple[float, float]
) -> None:
    chibi, size = build
    upper = _between(0.235, 0.135, chibi) * size * rng.uniform(0.93, 1.07)
    lower = _between(0.235, 0.135, chibi) * size * rng.uniform(0.93, 1.07)
    for side, first in HIPS.items():
        _limb(points, first, (upper, lower), _directions(stance, side, stance.legs[side]))


def _directions(stance: Stance, side: str, limb: Limb) -> Limb:
    outward = -1 if side == "R" else 1
    sign = stance.facing if stance.profile else outward
    return limb[0] * sign, limb[1] * sign


def _limb(points: list[Vec], first: int, lengths: Vec, directions: Limb) -> None:
    for i in range(2):
        angle = math.radians(directions[i])
        x, y = points[first + i]
        points[first + i + 1] = (x + lengths[i] * math.sin(angle), y + lengths[i] * math.cos(angle))


def _head(stance: Stance, lean: float, neck: float) -> Head:
    tilt = lean + math.radians(stance.tilt)
    centre = (math.sin(tilt) * neck, -math.cos(tilt) * neck)
    return Head(centre, 0.8 * neck, tilt, stance.yaw)


def _face(points: list[Vec], head: Head) -> None:
    yaw = head.yaw
    points[0] = head.at(yaw * 0.55, 0.18)
    points[14], points[15] = head.at(-0.36 + yaw * 0.5, -0.1), head.at(0.36 + yaw * 0.5, -0.1)
    points[16], points[17] = head.at(-0.88 + yaw * 0.15, 0.0), head.at(0.88 + yaw * 0.15, 0.0)
