"""Groups the joints of an OpenPose map into people, by the limbs between them."""

import math
from typing import Final

from formats.openpose.skeleton import BODY_POINTS
from poses.maps.hidden_joints import add_hidden_joints
from poses.maps.joints import HAND_COLOUR, MIN_LONE_DISC, Joint, distance, pixels_outside
from poses.maps.limbs import MIN_PROOF, Link
from poses.maps.pixels import Layer

_MIN_NEW_DISCS: Final = 0.3
"""Area, in discs, that a part must show beyond the joints of larger parts: blur shows less."""

_MIN_VISIBLE_JOINTS: Final = 3
_MIN_HIDDEN_PROOF: Final = 0.45
"""In a part of fewer visible joints, and in a blurred map, a hidden joint needs a limb that shows
as clearly."""

PersonJoints = dict[int, Joint]
"""One person's joints, or a part of them, by keypoint index."""


def group_joints(
    layer: Layer, joints: list[Joint], radius: float
) -> tuple[list[PersonJoints], int]:
    """People, and how many limbs prove them.

    The limbs form a tree and each end belongs to one limb of a kind, so that a connected part has
    each joint once. Parts that a missing joint cuts off go to the nearest person without them.
    Joints alone are nobody: a part needs a limb that shows, or joints that show clearly beside
    somebody who has one.
    """
    joints, links = add_hidden_joints(layer, joints, radius)
    parts, links = _without_faint(joints, links, is_sharp=layer.pixels.is_sharp)
    proven = {joint for link in links if link.own >= MIN_PROOF for joint in link.ends}
    has_hands = any(joint.is_of_hand for joint in joints)
    bodies: list[PersonJoints] = []
    lone: list[PersonJoints] = []
    for part in parts:
        if not (layer.pixels.is_sharp or _is_new(part, bodies, radius)):
            continue
        if any(joint in proven for joint in part.values()):
            if not all(joint.is_doubtful for joint in part.values()):
                bodies.append(part)
        elif _is_credible(part, has_hands=has_hands):
            lone.append(part)
    return _merge_parts(bodies, lone), sum(link.own >= MIN_PROOF for link in links)


def _connected_parts(joints: list[Joint], links: list[Link]) -> list[PersonJoints]:
    """The connected components, the largest first."""
    part_of = {joint: {joint.index: joint} for joint in joints}
    for link in links:
        merged = {**part_of[link.start], **part_of[link.end]}
        part_of.update(dict.fromkeys(merged.values(), merged))
    distinct = {id(part): part for part in part_of.values()}
    return sorted(distinct.values(), key=lambda part: (-len(part), min(part)))


def _without_faint(
    joints: list[Joint], links: list[Link], *, is_sharp: bool
) -> tuple[list[PersonJoints], list[Link]]:
    """Parts and links without the hidden joints of which too little tells."""
    faint = {
        joint
        for part in _connected_parts(joints, links)
        if not is_sharp or sum(not j.is_hidden for j in part.values()) < _MIN_VISIBLE_JOINTS
        for joint in part.values()
        if joint.is_hidden and _proof(joint, links) < _MIN_HIDDEN_PROOF
    }
    links = [link for link in links if not faint & set(link.ends)]
    return _connected_parts([joint for joint in joints if joint not in faint], links), links


def _proof(joint: Joint, links: list[Link]) -> float:
    return max((link.own for link in links if joint in link.ends), default=0.0)


def _is_new(part: PersonJoints, people: list[PersonJoints], radius: float) -> bool:
    others = [joint for person in people for joint in person.values()]
    new = sum(pixels_outside(joint, others, radius) for joint in part.values())
    return new >= _MIN_NEW_DISCS * math.pi * radius**2


def _is_credible(part: PersonJoints, *, has_hands: bool) -> bool:
    """Whether joints without a limb that shows are joints: one of them must show clearly."""
    may_be_of_hand = has_hands and HAND_COLOUR in part
    is_doubtful = any(joint.is_doubtful for joint in part.values())
    clearest = max(joint.visible_share for joint in part.values())
    return clearest >= MIN_LONE_DISC and not (may_be_of_hand or is_doubtful)


def _merge_parts(bodies: list[PersonJoints], lone: list[PersonJoints]) -> list[PersonJoints]:
    """Parts as people: as many as there are of the most frequent joint, lone ones not counted."""
    counts = [sum(_is_certain(part, index) for part in bodies) for index in range(BODY_POINTS)]
    people: list[PersonJoints] = []
    for part in bodies:
        may_be_of = [person for person in people if _agree(person, part)]
        if may_be_of and len(people) >= max(counts):
            _merge(min(may_be_of, key=lambda person: _gap(person, part)), part)
        else:
            people.append(dict(part))
    for part in lone:
        may_be_of = [person for person in people if _agree(person, part)]
        if may_be_of:
            _merge(min(may_be_of, key=lambda person: _gap(person, part)), part)
    return people


def _is_certain(part: PersonJoints, index: int) -> bool:
    return index in part and not part[index].is_doubtful


def _agree(person: PersonJoints, part: PersonJoints) -> bool:
    """Whether no joint is certain in both."""
    return not any(_is_certain(person, index) and _is_certain(part, index) for index in part)


def _merge(person: PersonJoints, part: PersonJoints) -> None:
    """Add the part's joints; of two for one place the certain one stays."""
    person.update({i: joint for i, joint in part.items() if not _is_certain(person, i)})


def _gap(one: PersonJoints, other: PersonJoints) -> float:
    return min(distance(a, b) for a in one.values() for b in other.values())
