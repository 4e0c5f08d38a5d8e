"""Names the pictures and files that a form holds for its ControlNet units."""

from typing import Final

STROKES: Final = "strokes"
"""What was drawn on the sketch canvas."""

PHOTO: Final = "photo"
"""What lies under the pose editor and the sketch canvas."""


def unit_picture(index: int) -> str:
    """The picture that was uploaded for a unit; its index counts from 0."""
    return f"map_picture_{index + 1}" if index else "map_picture"
