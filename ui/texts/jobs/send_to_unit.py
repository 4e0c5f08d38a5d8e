"""Texts of the menu that gives an image of a job to a ControlNet unit."""

from typing import Final

SEND: Final = "Send to a ControlNet unit"
IMAGE: Final = "This picture"


def map_of(unit: str) -> str:
    """The control map of one of the job's units."""
    return f"The map of its {unit[:1].lower()}{unit[1:]}"


def to_unit(unit: str, what: str) -> str:
    """A button: which unit gets which image."""
    return f"{what} → {unit}"
