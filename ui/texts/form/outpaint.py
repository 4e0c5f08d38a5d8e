"""Texts of outpaint: its fields, its presets, and the frame, whose script gets them as data."""

from typing import Any, Final

SIDES: Final = {"left": "Left", "right": "Right", "up": "Up", "down": "Down"}
ASPECT: Final = "Extend to an aspect"
ASPECT_HELP: Final = "The picture stays whole, in the middle of the new area."
HINT: Final = (
    "What is new goes on with the picture, and is drawn anew with a narrow strip along the seam. "
    "Masked content original starts from it; a denoising strength of 0.8 or more draws freely."
)

FRAME: Final[dict[str, Any]] = {
    "frame": "Frame of the extended picture",
    "handles": {
        "left": "Left edge",
        "right": "Right edge",
        "up": "Upper edge",
        "down": "Lower edge",
    },
    "value": "{size} pixels added",
}


def aspect(width: int, height: int) -> str:
    """A preset."""
    return f"{width}:{height}"


def size(before: str, after: str) -> str:
    """What becomes of the picture's size."""
    return f"{before} becomes {after} pixels."
