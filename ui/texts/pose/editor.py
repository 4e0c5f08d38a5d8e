"""Texts of the pose editor, which its script gets as data; it fills in what stands in braces."""

from collections.abc import Iterator
from typing import Any, Final

from formats.limits import MAX_PEOPLE
from formats.openpose.skeleton import FINGERS, HAND_POINTS, KEYPOINT_NAMES
from ui.texts.pose.studio import people

_TOOLS: Final = {
    "undo": "Undo (Ctrl+Z)",
    "redo": "Redo (Ctrl+Y)",
    "add": "Add a person",
    "duplicate": "Duplicate the person",
    "remove": "Remove the person",
    "mirror": "Mirror the person",
    "visible": "Hide or show the joint (Delete)",
    "lock": "Keep limb lengths",
    "hands": "Edit hands",
    "grid": "Grid, joints snap to it",
    "help": "How to work here",
    "turn_right_hand": "Turn the right hand over",
    "turn_left_hand": "Turn the left hand over",
    "out": "Zoom out (-)",
    "fit": "Fit (0)",
    "in": "Zoom in (+)",
}

_MENU: Final = {
    "hide": "Hide joint",
    "show": "Show joint",
    "show_all": "Show all joints",
    "complete": "Add missing joints",
    "mirror": "Mirror",
    "duplicate": "Duplicate",
    "remove": "Remove person",
}

_HELP: Final = (
    ("Drag a joint", "moves it; with the lock on, elbows and knees bend"),
    ("Drag a limb", "moves the person; with Alt or Shift, that limb alone"),
    ("Double click a joint", "hides or shows it"),
    ("Right click, long press", "opens a menu"),
    ("Corners and the round grip", "scale and turn the person; Shift turns by 15°"),
    ("Wheel, two fingers", "zoom; drag the ground or hold Space to move the view"),
    ("Tab, arrow keys", "choose a joint and move it, with Shift by 10 pixels"),
    ("Delete, Enter", "hide the joint, open its menu"),
    ("[ ] and , .", "turn and scale the person"),
    ("Ctrl+Z, Ctrl+Y", "undo and redo"),
    ("Drop a file", "a photo, an OpenPose map or a pose file"),
)
"""What the user does, and what that does."""

_SAID: Final = {
    "undone": "undone",
    "redone": "redone",
    "added": "person {person} added",
    "duplicated": "person {person} duplicated",
    "removed": "person {person} removed",
    "mirrored": "person {person} mirrored",
    "all_shown": "all joints shown",
    "completed": "missing joints added",
    "joint_hidden": "{joint} hidden",
    "joint_shown": "{joint} shown",
    "hand_given": "{hand} {shape}",
    "hand_removed": "{hand} removed",
    "hand_turned": "{hand} turned over",
}
"""What a screen reader says of a change."""

_CHOSEN: Final = {
    "person": "Person {person}",
    "joint": "Person {person} · {joint} · {x}, {y}",
    "hidden_joint": "Person {person} · {joint} · {x}, {y}, hidden",
}
"""What is written below the canvas."""

_JOINT: Final = {
    "role": "joint",
    "label": "person {person}, {joint}, x {x}, y {y}",
    "hidden_label": "person {person}, {joint}, x {x}, y {y}, hidden",
}
"""What a screen reader says of a joint."""

_HANDS: Final = {"right_hand": "right hand", "left_hand": "left hand"}

TEXTS: Final[dict[str, Any]] = {
    "tool_bar": "Pose tools",
    "tools": _TOOLS,
    "menu": _MENU,
    "help": _HELP,
    "canvas": (
        "Pose, {width} by {height}. "
        "Tab goes from joint to joint, arrow keys move one, with Shift by 10 pixels. "
        "Delete hides it, Enter opens its menu. Bracket keys turn the person, comma and full "
        "stop scale it. Escape lets go."
    ),
    "said": _SAID,
    "people": [people(number) for number in range(MAX_PEOPLE + 1)],
    "chosen": _CHOSEN,
    "joint": _JOINT,
    "hands": _HANDS,
    "hand_labels": {"right_hand": "Right hand", "left_hand": "Left hand"},
    "no_hand": "none",
    "hand_as_drawn": "as drawn",
    "picture": "Picture",
    "opacity": "Opacity of the picture",
    "view": "View",
    "zoom": "{percent} %",
}
"""By the names that the script has for them; `people` by their number."""


def joint_names() -> dict[str, list[str]]:
    """The name of every joint of a body and of each hand, in their order."""
    hands = {part: list(_hand_joints(hand)) for part, hand in _HANDS.items()}
    return {"body": list(KEYPOINT_NAMES), **hands}


def _hand_joints(hand: str) -> Iterator[str]:
    yield f"{hand}, wrist"
    for finger in FINGERS:
        for number in range(1, (HAND_POINTS - 1) // len(FINGERS) + 1):
            yield f"{hand}, {finger} {number}"
