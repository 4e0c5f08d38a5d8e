"""Draws a figure's body on its bones: tail, legs, trunk, arms and what it wears below the head."""

import math

from demo.drawing.figures.looks import Look, robe_hem
from demo.drawing.figures.skeletons import Bones
from demo.drawing.palette import COLOURS, GOLD, Colour, darker, lighter
from demo.drawing.shapes import Sheet, Vec, box, capsule, disc, ellipse, triangle

_BOXY = ("robot",)
_ROBED = ("wizard", "princess")
_STOUT = ("bear", "panda", "pig", "elephant")


class Body:
    """The measures that the parts share."""

    def __init__(self, sheet: Sheet, bones: Bones, look: Look) -> None:
        self.sheet, self.bones, self.look = sheet, bones, look
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


def draw_back(body: Body) -> None:
    """What lies behind the trunk: cape, tail, legs."""
    _cape(body)
    _tail(body)
    for first, side in ((8, -1), (11, 1)):
        _leg(body, first, side)


def _cape(body: Body) -> None:
    colour = body.look.cape
    if colour is None:
        return
    flow = -0.20 * body.bones.stance.facing
    ends = (body.at(-0.03, 0.98), body.at(0.03, 0.98), body.at(flow, -0.35))
    fall = (body.at(0, 0.98), body.at(0.13, -0.4), body.at(-0.13, -0.4))
    body.sheet.fill(
        triangle(ends, colour, 0.03 * body.size), triangle(fall, colour, 0.02 * body.size)
    )


def _tail(body: Body) -> None:
    species, fur, limb = body.look.species, body.look.fur, body.limb
    if body.look.human or species in ("robot", "astronaut", "alien", "frog"):
        return
    away, (x, y) = -body.bones.stance.facing, body.at(0, 0.02)
    middle = (x + away * 0.13 * body.size, y + 0.01 * body.size)
    end = (x + away * 0.22 * body.size, y - 0.11 * body.size)
    if species in ("cat", "fox", "lion", "dragon", "mouse", "elephant"):
        width = {"fox": 1.5, "dragon": 1.0, "mouse": 0.35, "elephant": 0.35}.get(species, 0.6)
        tip = width * 0.5 if species == "dragon" else width * 0.8
        body.sheet.fill(
            capsule((x, y), middle, (limb * 0.8, limb * width), fur),
            capsule(middle, end, (limb * width, limb * tip), fur),
        )
        _tail_tip(body, middle, end)
    elif species == "dog":
        short = (x + away * 0.13 * body.size, y - 0.07 * body.size)
        body.sheet.fill(capsule((x, y), short, (limb * 0.65, limb * 0.5), fur))
    else:
        body.sheet.fill(disc((x + away * 0.085 * body.size, y), limb * 0.9, lighter(fur, 0.3)))


def _tail_tip(body: Body, middle: Vec, end: Vec) -> None:
    limb = body.limb
    if body.look.species == "fox":
        half = ((middle[0] + end[0]) / 2, (middle[1] + end[1]) / 2)
        body.sheet.detail(capsule(half, end, (limb * 1.1, limb), (250, 248, 240)))
    elif body.look.species == "lion":
        body.sheet.fill(disc(end, limb, (150, 90, 40)))


def _leg(body: Body, first: int, side: int) -> None:
    look, limb = body.look, body.limb
    hip, knee, ankle = body.bones.points[first : first + 3]
    stance = body.bones.stance
    ahead = stance.facing if stance.profile else side
    foot = (ankle[0] + ahead * limb * 0.65, ankle[1] + limb * 0.35)
    body.sheet.fill(
        capsule(hip, knee, (limb * 1.15, limb), look.leg),
        capsule(knee, ankle, (limb, limb * 0.85), look.leg),
        ellipse(foot, (limb * 1.55, limb), look.shoe),
    )
    if look.species == "robot":
        body.sheet.detail(disc(knee, limb * 0.8, darker(look.leg, 0.7)))


def draw_trunk(body: Body) -> None:
    """The trunk and its marks."""
    if body.look.species in _BOXY:
        _robot_trunk(body)
    elif body.look.species in _ROBED:
        _robe(body)
    else:
        _plain_trunk(body)


def _robot_trunk(body: Body) -> None:
    look, size = body.look, body.size
    half = (0.115 * size, body.spine * 0.52)
    body.sheet.fill(box(body.at(0, 0.5), half, look.body, body.turn, 0.02 * size))
    panel = (0.075 * size, 0.05 * size)
    body.sheet.detail(box(body.at(0, 0.6), panel, darker(look.body, 0.55), body.turn, 0.01 * size))
    for across, name in ((-0.04, "red"), (0.0, "yellow"), (0.04, "green")):
        body.sheet.detail(disc(body.at(across, 0.6), 0.017 * size, COLOURS[name]))


def _robe(body: Body) -> None:
    look, size = body.look, body.size
    skirt = (body.at(0, 1.0), body.at(-0.17, -0.55), body.at(0.17, -0.55))
    waist = (0.07 * size * look.build, 0.08 * size * look.build)
    body.sheet.fill(
        triangle(skirt, look.body, 0.035 * size),
        capsule(body.at(0, 0.8), body.at(0, 0.3), waist, look.body),
    )
    belt = (body.at(-0.075, 0.2), body.at(0.075, 0.2))
    body.sheet.detail(capsule(*belt, (0.016 * size, 0.016 * size), robe_hem(look)))


def _plain_trunk(body: Body) -> None:
    look, size = body.look, body.size
    width = 0.105 * size * look.build * (1.1 if look.species in _STOUT else 0.95)
    radii = (0.088 * size * look.build, width)
    body.sheet.fill(capsule(body.at(0, 0.80), body.at(0, 0.12), radii, look.body))
    if look.species == "astronaut":
        _suit(body)
    elif look.species == "knight":
        _cross(body, look.accent)
    elif look.human:
        _belt(body, look.accent if look.species == "ninja" else darker(look.leg, 0.6))
    elif not look.shirt and look.species not in ("alien", "panda"):
        belly = ellipse(body.at(0, 0.36), (0.06 * size, body.spine * 0.34),
                        lighter(look.body), body.turn)  # fmt: skip
        body.sheet.detail(belly)


def _suit(body: Body) -> None:
    size = body.size
    badge = box(body.at(0, 0.6), (0.055 * size, 0.04 * size), (90, 130, 200), body.turn)
    body.sheet.detail(badge, disc(body.at(0.02, 0.6), 0.016 * size, (230, 60, 60)))


def _cross(body: Body, colour: Colour) -> None:
    size = body.size
    body.sheet.detail(
        box(body.at(0, 0.55), (0.022 * size, 0.075 * size), colour, body.turn),
        box(body.at(0, 0.62), (0.055 * size, 0.022 * size), colour, body.turn),
    )


def _belt(body: Body, colour: Colour) -> None:
    width = 0.016 * body.size
    body.sheet.detail(capsule(body.at(-0.08, 0.1), body.at(0.08, 0.1), (width, width), colour))


def draw_arms(body: Body) -> None:
    """Both arms, over the trunk, with hands that are wider than the wrists."""
    look, limb = body.look, body.limb
    for first in (2, 5):
        shoulder, elbow, wrist = body.bones.points[first : first + 3]
        body.sheet.fill(
            capsule(shoulder, elbow, (limb, limb * 0.9), look.sleeve),
            capsule(elbow, wrist, (limb * 0.9, limb * 0.75), look.fore),
            disc(wrist, limb * 1.2, look.hand),
        )
        if look.species == "robot":
            body.sheet.detail(disc(elbow, limb * 0.75, darker(look.sleeve, 0.7)))


def draw_scarf(body: Body) -> None:
    """A scarf around the neck with one hanging end."""
    colour, size = body.look.scarf, body.size
    if colour is None:
        return
    knot, end = body.at(0.045, 1.0), body.at(0.07, 0.5)
    body.sheet.fill(
        capsule(body.at(-0.07, 0.98), body.at(0.07, 0.98), (0.034 * size, 0.034 * size), colour),
        capsule(knot, end, (0.028 * size, 0.03 * size), colour),
    )


def draw_crown(body: Body) -> None:
    """A golden crown on the head."""
    if not (body.look.crown or body.look.species == "princess"):
        return
    head, line = body.bones.head, body.sheet.line * 0.8
    r = head.radius
    spikes = [
        triangle((head.at(k - 0.18, -1.02), head.at(k + 0.18, -1.02), head.at(k * 1.15, -1.5)),
                 GOLD) for k in (-0.34, 0.0, 0.34)
    ]  # fmt: skip
    band = box(head.at(0, -0.98), (0.52 * r, 0.15 * r), GOLD, head.tilt)
    body.sheet.fill(band, *spikes, line=line)
    body.sheet.detail(disc(head.at(0, -0.98), 0.1 * r, (225, 50, 70)))


def draw_hat(body: Body) -> None:
    """A top hat."""
    colour, head = body.look.hat, body.bones.head
    if colour is None:
        return
    r = head.radius
    body.sheet.fill(
        box(head.at(0, -1.2), (0.55 * r, 0.38 * r), colour, head.tilt, 0.06 * r),
        ellipse(head.at(0, -0.82), (0.98 * r, 0.15 * r), colour, head.tilt),
    )
    band = lighter(colour, 0.7) if sum(colour) < 380 else darker(colour, 0.4)
    body.sheet.detail(box(head.at(0, -0.98), (0.55 * r, 0.1 * r), band, head.tilt))
