"""Paints a figure's body on its bones: tail, legs, trunk, arms and clothes below the head."""

import math

from demo.painting.figures.looks import Look, robe_hem
from demo.painting.figures.skeletons import Bones
from demo.painting.palette import COLOURS, GOLD, Colour, darker, lighter
from demo.painting.shapes import DisplayList, Vec, box, capsule, disc, ellipse, triangle

_BOXY = ("robot",)
_ROBED = ("wizard", "princess")
_STOUT = ("bear", "panda", "pig", "elephant")


class FigureBody:
    """The dimensions that the parts share, and the display list they are added to."""

    def __init__(self, display: DisplayList, bones: Bones, look: Look) -> None:
        self.display, self.bones, self.look = display, bones, look
        self.size = bones.size
        self.limb = (0.035 + 0.013 * bones.chibi) * bones.size * look.build
        """Half-width of a limb, pixels."""
        neck, pelvis = bones.points[1], bones.pelvis
        self.pelvis = pelvis
        self.spine = math.hypot(neck[0] - pelvis[0], neck[1] - pelvis[1])
        self.up = ((neck[0] - pelvis[0]) / self.spine, (neck[1] - pelvis[1]) / self.spine)
        self.turn = math.atan2(self.up[1], self.up[0]) + math.pi / 2

    def at(self, across: float, along: float) -> Vec:
        """A point by figure heights across, and along the spine (0 pelvis, 1 neck)."""
        (x, y), (ux, uy) = self.pelvis, self.up
        a, c = across * self.size, along * self.spine
        return x + ux * c - uy * a, y + uy * c + ux * a


def paint_back(body: FigureBody) -> None:
    """Paint what is behind the trunk: cape, tail, legs."""
    _cape(body)
    _tail(body)
    for first, side in ((8, -1), (11, 1)):
        _leg(body, first, side)


def _cape(body: FigureBody) -> None:
    colour = body.look.cape
    if colour is None:
        return
    flow = -0.20 * body.bones.stance.facing
    ends = (body.at(-0.03, 0.98), body.at(0.03, 0.98), body.at(flow, -0.35))
    fall = (body.at(0, 0.98), body.at(0.13, -0.4), body.at(-0.13, -0.4))
    body.display.fill(
        triangle(ends, colour, 0.03 * body.size), triangle(fall, colour, 0.02 * body.size)
    )


def _tail(body: FigureBody) -> None:
    species, fur, limb = body.look.species, body.look.fur, body.limb
    if body.look.human or species in ("robot", "astronaut", "alien", "frog"):
        return
    away, (x, y) = -body.bones.stance.facing, body.at(0, 0.02)
    middle = (x + away * 0.13 * body.size, y + 0.01 * body.size)
    end = (x + away * 0.22 * body.size, y - 0.11 * body.size)
    if species in ("cat", "fox", "lion", "dragon", "mouse", "elephant"):
        width = {"fox": 1.5, "dragon": 1.0, "mouse": 0.35, "elephant": 0.35}.get(species, 0.6)
        tip = width * 0.5 if species == "dragon" else width * 0.8
        body.display.fill(
            capsule((x, y), middle, (limb * 0.8, limb * width), fur),
            capsule(middle, end, (limb * width, limb * tip), fur),
        )
        _tail_tip(body, middle, end)
    elif species == "dog":
        short = (x + away * 0.13 * body.size, y - 0.07 * body.size)
        body.display.fill(capsule((x, y), short, (limb * 0.65, limb * 0.5), fur))
    else:
        body.display.fill(disc((x + away * 0.085 * body.size, y), limb * 0.9, lighter(fur, 0.3)))


def _tail_tip(body: FigureBody, middle: Vec, end: Vec) -> None:
    limb = body.limb
    if body.look.species == "fox":
        half = ((middle[0] + end[0]) / 2, (middle[1] + end[1]) / 2)
        body.display.detail(capsule(half, end, (limb * 1.1, limb), (250, 248, 240)))
    elif body.look.species == "lion":
        body.display.fill(disc(end, limb, (150, 90, 40)))


def _leg(body: FigureBody, first: int, side: int) -> None:
    look, limb = body.look, body.limb
    hip, knee, ankle = body.bones.points[first : first + 3]
    stance = body.bones.stance
    ahead = stance.facing if stance.profile else side
    foot = (ankle[0] + ahead * limb * 0.65, ankle[1] + limb * 0.35)
    body.display.fill(
        capsule(hip, knee, (limb * 1.15, limb), look.leg),
        capsule(knee, ankle, (limb, limb * 0.85), look.leg),
        ellipse(foot, (limb * 1.55, limb), look.shoe),
    )
    if look.species == "robot":
        body.display.detail(disc(knee, limb * 0.8, darker(look.leg, 0.7)))


def paint_trunk(body: FigureBody) -> None:
    """Paint the trunk and its marks."""
    if body.look.species in _BOXY:
        _robot_trunk(body)
    elif body.look.species in _ROBED:
        _robe(body)
    else:
        _plain_trunk(body)


def _robot_trunk(body: FigureBody) -> None:
    look, size = body.look, body.size
    half = (0.115 * size, body.spine * 0.52)
    body.display.fill(box(body.at(0, 0.5), half, look.body, body.turn, 0.02 * size))
    panel = (0.075 * size, 0.05 * size)
    body.display.detail(
        box(body.at(0, 0.6), panel, darker(look.body, 0.55), body.turn, 0.01 * size)
    )
    for across, name in ((-0.04, "red"), (0.0, "yellow"), (0.04, "green")):
        body.display.detail(disc(body.at(across, 0.6), 0.017 * size, COLOURS[name]))


def _robe(body: FigureBody) -> None:
    look, size = body.look, body.size
    skirt = (body.at(0, 1.0), body.at(-0.17, -0.55), body.at(0.17, -0.55))
    waist = (0.07 * size * look.build, 0.08 * size * look.build)
    body.display.fill(
        triangle(skirt, look.body, 0.035 * size),
        capsule(body.at(0, 0.8), body.at(0, 0.3), waist, look.body),
    )
    belt = (body.at(-0.075, 0.2), body.at(0.075, 0.2))
    body.display.detail(capsule(*belt, (0.016 * size, 0.016 * size), robe_hem(look)))


def _plain_trunk(body: FigureBody) -> None:
    look, size = body.look, body.size
    width = 0.105 * size * look.build * (1.1 if look.species in _STOUT else 0.95)
    radii = (0.088 * size * look.build, width)
    body.display.fill(capsule(body.at(0, 0.80), body.at(0, 0.12), radii, look.body))
    if look.species == "astronaut":
        _suit(body)
    elif look.species == "knight":
        _cross(body, look.accent)
    elif look.human:
        _belt(body, look.accent if look.species == "ninja" else darker(look.leg, 0.6))
    elif not look.shirt and look.species not in ("alien", "panda"):
        belly = ellipse(
            body.at(0, 0.36), (0.06 * size, body.spine * 0.34), lighter(look.body), body.turn
        )
        body.display.detail(belly)


def _suit(body: FigureBody) -> None:
    size = body.size
    badge = box(body.at(0, 0.6), (0.055 * size, 0.04 * size), (90, 130, 200), body.turn)
    body.display.detail(badge, disc(body.at(0.02, 0.6), 0.016 * size, (230, 60, 60)))


def _cross(body: FigureBody, colour: Colour) -> None:
    size = body.size
    body.display.detail(
        box(body.at(0, 0.55), (0.022 * size, 0.075 * size), colour, body.turn),
        box(body.at(0, 0.62), (0.055 * size, 0.022 * size), colour, body.turn),
    )


def _belt(body: FigureBody, colour: Colour) -> None:
    width = 0.016 * body.size
    body.display.detail(capsule(body.at(-0.08, 0.1), body.at(0.08, 0.1), (width, width), colour))


def paint_arms(body: FigureBody) -> None:
    """Paint both arms, over the trunk, with hands that are wider than the wrists."""
    look, limb = body.look, body.limb
    for first in (2, 5):
        shoulder, elbow, wrist = body.bones.points[first : first + 3]
        body.display.fill(
            capsule(shoulder, elbow, (limb, limb * 0.9), look.sleeve),
            capsule(elbow, wrist, (limb * 0.9, limb * 0.75), look.fore),
            disc(wrist, limb * 1.2, look.hand),
        )
        if look.species == "robot":
            body.display.detail(disc(elbow, limb * 0.75, darker(look.sleeve, 0.7)))


def paint_scarf(body: FigureBody) -> None:
    """Paint a scarf around the neck with one hanging end."""
    colour, size = body.look.scarf, body.size
    if colour is None:
        return
    knot, end = body.at(0.045, 1.0), body.at(0.07, 0.5)
    body.display.fill(
        capsule(body.at(-0.07, 0.98), body.at(0.07, 0.98), (0.034 * size, 0.034 * size), colour),
        capsule(knot, end, (0.028 * size, 0.03 * size), colour),
    )


def paint_crown(body: FigureBody) -> None:
    """Paint a golden crown on the head."""
    if not (body.look.crown or body.look.species == "princess"):
        return
    head, line = body.bones.head, body.display.line * 0.8
    r = head.radius
    spikes = [
        triangle(
            (head.at(k - 0.18, -1.02), head.at(k + 0.18, -1.02), head.at(k * 1.15, -1.5)), GOLD
        )
        for k in (-0.34, 0.0, 0.34)
    ]
    band = box(head.at(0, -0.98), (0.52 * r, 0.15 * r), GOLD, head.tilt)
    body.display.fill(band, *spikes, line=line)
    body.display.detail(disc(head.at(0, -0.98), 0.1 * r, (225, 50, 70)))


def paint_hat(body: FigureBody) -> None:
    """Paint a top hat."""
    colour, head = body.look.hat, body.bones.head
    if colour is None:
        return
    r = head.radius
    body.display.fill(
        box(head.at(0, -1.2), (0.55 * r, 0.38 * r), colour, head.tilt, 0.06 * r),
        ellipse(head.at(0, -0.82), (0.98 * r, 0.15 * r), colour, head.tilt),
    )
    band = lighter(colour, 0.7) if sum(colour) < 380 else darker(colour, 0.4)
    body.display.detail(box(head.at(0, -0.98), (0.55 * r, 0.1 * r), band, head.tilt))
