"""Owns the stances: joint angles of a figure that stands, runs, sits, lies or hangs upside down."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

Limb = tuple[float, float]
"""Directions of the upper and the lower part, degrees from hanging down, outward positive."""


@dataclass
class Stance:
    """Angles in degrees. In profile, limbs count towards `facing` instead of outward."""

    arms: dict[str, Limb] = field(default_factory=dict)
    legs: dict[str, Limb] = field(default_factory=dict)
    lean: float = 0.0
    tilt: float = 0.0
    yaw: float = 0.0
    """Turn of the face, -1 to 1."""
    turn: float = 0.0
    """Turn of the whole figure, clockwise; 90 lies, 180 is upside down."""
    facing: int = 1
    profile: bool = False
    narrow: float = 1.0
    """Shoulders and hips narrow by this factor when seen from the side."""


def _relaxed(rng: random.Random) -> Stance:
    u = rng.uniform
    return Stance(
        arms={side: (u(6, 28), u(0, 22)) for side in "RL"},
        legs={side: (u(2, 13), u(0, 9)) for side in "RL"},
        lean=u(-5, 5),
        tilt=u(-8, 8),
        yaw=u(-0.35, 0.35),
        facing=rng.choice((-1, 1)),
    )


def _sides(rng: random.Random) -> tuple[str, str]:
    first = rng.choice("RL")
    return first, "L" if first == "R" else "R"


def _sign(side: str) -> int:
    return -1 if side == "R" else 1


def _waving(rng: random.Random, s: Stance) -> None:
    s.arms[_sides(rng)[0]] = (rng.uniform(85, 150), rng.uniform(150, 200))


def _cheering(rng: random.Random, s: Stance) -> None:
    s.arms = {side: (rng.uniform(120, 168), rng.uniform(140, 195)) for side in "RL"}


def _jumping(rng: random.Random, s: Stance) -> None:
    u = rng.uniform
    s.arms = {side: (u(85, 155), u(100, 180)) for side in "RL"}
    s.legs = {side: (u(18, 58), u(-45, 30)) for side in "RL"}


def _dancing(rng: random.Random, s: Stance) -> None:
    u = rng.uniform
    one, other = _sides(rng)
    s.arms = {one: (u(95, 160), u(110, 200)), other: (u(45, 100), u(-10, 120))}
    s.legs = {one: (u(5, 25), u(0, 15)), other: (u(25, 75), u(-50, 20))}
    s.lean, s.tilt = u(-18, 18), u(-18, 18)


def _kicking(rng: random.Random, s: Stance) -> None:
    u = rng.uniform
    one, other = _sides(rng)
    s.arms = {one: (u(40, 90), u(40, 110)), other: (u(50, 110), u(60, 130))}
    s.legs = {one: (u(60, 100), u(60, 100)), other: (u(0, 12), u(0, 10))}
    s.lean = -_sign(one) * u(4, 18)


def _open_arms(rng: random.Random, s: Stance) -> None:
    for side in "RL":
        angle = rng.uniform(78, 104)
        s.arms[side] = (angle, angle + rng.uniform(-12, 12))


def _hips(rng: random.Random, s: Stance) -> None:
    s.arms = {side: (rng.uniform(38, 56), rng.uniform(-62, -38)) for side in "RL"}


def _pointing(rng: random.Random, s: Stance) -> None:
    side, angle = _sides(rng)[0], rng.uniform(80, 110)
    s.arms[side] = (angle, angle + rng.uniform(-8, 8))
    s.yaw = _sign(side) * rng.uniform(0.1, 0.4)


def _clapping(rng: random.Random, s: Stance) -> None:
    s.arms = {side: (rng.uniform(18, 34), rng.uniform(-150, -125)) for side in "RL"}


def _squatting(rng: random.Random, s: Stance) -> None:
    u = rng.uniform
    s.legs = {side: (u(62, 92), u(-18, 8)) for side in "RL"}
    s.arms = {side: (u(10, 60), u(-30, 60)) for side in "RL"}


def _sideways(rng: random.Random, s: Stance) -> None:
    s.profile, s.yaw = True, s.facing * rng.uniform(0.2, 0.5)
    s.narrow = rng.uniform(0.55, 0.85)


def _stride(rng: random.Random, s: Stance, reach: float) -> None:
    u = rng.uniform
    one, other = _sides(rng)
    s.legs = {one: (u(38, 68) * reach, u(-25, 15) * reach)}
    s.legs[other] = (-u(18, 42) * reach, -u(45, 100) * reach)
    s.arms = {one: (-u(30, 65) * reach, u(0, 50) * reach)}
    s.arms[other] = (u(30, 65) * reach, u(75, 130) * reach)
    s.lean = s.facing * u(3, 20) * reach
    _sideways(rng, s)


def _running(rng: random.Random, s: Stance) -> None:
    _stride(rng, s, 1.0)


def _walking(rng: random.Random, s: Stance) -> None:
    _stride(rng, s, 0.5)


def _sitting(rng: random.Random, s: Stance) -> None:
    u = rng.uniform
    thigh = u(74, 96)
    s.legs = {side: (thigh + u(-5, 5), u(-8, 14)) for side in "RL"}
    s.arms = {"R": (u(0, 50), u(20, 95)), "L": (u(-10, 50), u(0, 95))}
    if rng.random() < 0.3:
        s.arms[_sides(rng)[0]] = (u(90, 150), u(120, 190))
    s.lean = s.facing * u(-8, 6)
    _sideways(rng, s)


def _lying(rng: random.Random, s: Stance) -> None:
    _random(rng, s) if rng.random() < 0.35 else _easy(rng, s)
    s.turn = rng.choice((-90, 90)) + rng.uniform(-12, 12)


def _upside_down(rng: random.Random, s: Stance) -> None:
    u = rng.uniform
    s.arms = {side: (u(130, 172), u(150, 190)) for side in "RL"}
    s.legs = {side: (u(2, 50), u(-40, 40)) for side in "RL"}
    s.turn = 180 + u(-14, 14)


def _floating(rng: random.Random, s: Stance) -> None:
    _random(rng, s) if rng.random() < 0.5 else _easy(rng, s)
    s.turn = rng.uniform(-180, 180)


def _easy(rng: random.Random, s: Stance) -> None:
    u = rng.uniform
    s.arms = {side: (u(5, 90), u(-20, 120)) for side in "RL"}
    s.legs = {side: (u(2, 30), u(-25, 20)) for side in "RL"}


def _random(rng: random.Random, s: Stance) -> None:
    u = rng.uniform
    s.arms = {side: (u(-20, 175), u(-60, 230)) for side in "RL"}
    s.legs = {side: (u(-12, 85), u(-60, 80)) for side in "RL"}
    s.lean, s.tilt, s.narrow = rng.gauss(0, 9), rng.gauss(0, 12), u(0.7, 1.1)


def _standing(rng: random.Random, s: Stance) -> None:
    s.lean += rng.uniform(-1, 1)


STANCES: Final[dict[str, tuple[float, Callable[[random.Random, Stance], None]]]] = {
    "standing": (3.0, _standing),
    "walking": (2.0, _walking),
    "running": (3.0, _running),
    "jumping": (2.3, _jumping),
    "waving": (3.2, _waving),
    "cheering": (2.5, _cheering),
    "dancing": (2.5, _dancing),
    "sitting": (2.5, _sitting),
    "kicking": (1.5, _kicking),
    "open": (2.0, _open_arms),
    "hips": (1.5, _hips),
    "pointing": (1.5, _pointing),
    "clapping": (1.0, _clapping),
    "squatting": (1.5, _squatting),
    "lying": (2.2, _lying),
    "upside down": (1.3, _upside_down),
    "floating": (1.5, _floating),
    "random": (3.5, _random),
}
"""Name -> its weight in random choices, and what it changes in a relaxed stance."""


def random_stance(rng: random.Random, name: str) -> Stance:
    """A random stance of that name, one of `STANCES`."""
    stance = _relaxed(rng)
    STANCES[name][1](rng, stance)
    return stance


def random_stance_name(rng: random.Random) -> str:
    """A random stance's name, by weight."""
    return rng.choices(list(STANCES), [weight for weight, _ in STANCES.values()])[0]
