"""Names the pictures that a form holds for its ControlNet units."""

from typing import Final

SKETCH: Final = "sketch"
"""The strokes of the sketch canvas as a picture."""

PHOTO: Final = "photo"
"""What lies under the pose editor and the sketch canvas."""


def unit_picture(index: int) -> str:
    """The picture that was uploaded for a unit; its index counts from 0."""
    return f"map_picture_{index + 1}" if index else "map_picture"
