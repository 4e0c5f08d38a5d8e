"""Every text of pose files that a user reads: why one is refused, and what reading it changed."""

from collections.abc import Sequence
from typing import Final

from formats import limits

# ---- why a file is refused
NOT_JSON: Final = "This is not JSON. Export the pose again as OpenPose JSON."
TOO_LARGE: Final = "The pose file is larger than 1 MB; it can't be a pose."
TOO_DEEP: Final = "The pose file nests lists or objects too deeply; it can't be a pose."
NO_OBJECT: Final = "The pose file must hold one object with 'people' or 'keypoints'."
NO_PEOPLE: Final = "No 'people' and no 'keypoints' in the file: it is not an OpenPose pose."
NOBODY: Final = "There is nobody in the pose file."
ONLY_ANIMALS: Final = "The file holds animals (AP-10K) and no people; only people are read."
TOO_MANY_PEOPLE: Final = f"More than {limits.MAX_PEOPLE} people in one pose."
BAD_CANVAS: Final = (
    f"The canvas must be {limits.MIN_SIDE}-{limits.MAX_COORDINATE} pixels on each side."
)

_MOST_NAMES: Final = 6
"""Joints that are named; of more, the number is told."""


def no_person(number: int) -> str:
    """An entry that holds no points at all."""
    return f"Person {number} is no object with points."


def no_points(number: int) -> str:
    """Points in no form that is known."""
    return f"The points of person {number} must be numbers of x, y and confidence."


def not_a_number(number: int, value: str) -> str:
    """A word where a number should be."""
    return f"A keypoint of person {number} is not a number: {value}"


def torn_points(number: int, count: int) -> str:
    """Numbers that make no whole points."""
    return f"Person {number} has {count} numbers; each point takes three: x, y and confidence."


def body_count(count: int) -> str:
    """A layout that is not known."""
    return f"{count} points a person; 17, 18, 25 or 133 are read."


def hand_count(count: int) -> str:
    """The same of a hand."""
    return f"{count} points a hand; 21 hand points are read."


def nobody_left(notices: Sequence[str]) -> str:
    """Nobody could be read, and why."""
    return " ".join((NOBODY, *notices))


# ---- what reading changed or left out
IS_COCO: Final = (
    "Read as COCO's 17 points; the neck, which COCO lacks, was put between the shoulders."
)
IS_BODY_25: Final = "Read as OpenPose's BODY_25; feet and the middle of the hips were left out."
IS_WHOLE_BODY: Final = (
    "Read as COCO-WholeBody's 133 points; the neck was put between the shoulders, feet and face "
    "were left out."
)
FACES_LEFT_OUT: Final = "Faces were left out: a pose here has body and hands."
FEET_LEFT_OUT: Final = "Feet were left out."
IS_SIGNED: Final = "Coordinates were read as shares from -1 to 1 of the canvas."


def frames_left_out(count: int) -> str:
    """A list of frames, of which one is a pose."""
    return f"The file holds {count} frames; the first was read."


def images_left_out(count: int) -> str:
    """Annotations of several images."""
    return f"The file tells of {count} images; the people of the first were read."


def animals_left_out(count: int) -> str:
    """Animals beside people."""
    return f"{_number(count, 'animal was', 'animals were')} left out: only people are read."


def person_left_out(number: int, *, has_face: bool) -> str:
    """An entry without a body and without hands."""
    why = "there is only a face" if has_face else "none of its points is known"
    return f"Person {number} was left out: {why}."


def unsure_left_out(names: Sequence[str], floor: float) -> str:
    """Joints of low confidence."""
    return f"Left out for a confidence below {floor:g}: {_list(names)}."


def far_left_out(names: Sequence[str]) -> str:
    """Joints farther out than a pose may reach."""
    return f"Left out, {limits.MAX_COORDINATE:,} pixels or more off the canvas: {_list(names)}."


def shares_outside(count: int) -> str:
    """Shares of the canvas of which some are no shares."""
    points = _number(count, "point lies", "points lie")
    return f"Coordinates were read as shares of the canvas; {points} outside of it."


def canvas_taken(width: int, height: int) -> str:
    """No canvas is named."""
    return f"The file names no canvas; {width} x {height} was taken."


def canvas_reduced(width: int, height: int, new_width: int, new_height: int) -> str:
    """A canvas larger than a request may have."""
    return f"The canvas of {width} x {height} was made smaller: {new_width} x {new_height}."


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _list(names: Sequence[str]) -> str:
    rest = len(names) - _MOST_NAMES
    shown = ", ".join(names[:_MOST_NAMES])
    return f"{shown} and {rest} more" if rest > 0 else shown
