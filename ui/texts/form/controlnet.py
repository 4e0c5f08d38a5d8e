"""Texts of the ControlNet units and of the contact sheet."""

from collections.abc import Mapping
from typing import Final

from formats.generation.controlnet_unit import Preprocessor

# ---- the units
ADD_UNIT: Final = "Add a unit"
ENABLE: Final = "Enable"
DISABLED: Final = "Switched off: this unit is not sent."
WEIGHT: Final = "Control weight"
SPAN: Final = "Start and end"
SPAN_HELP: Final = "The share of the steps between which the unit steers."
CONTROL_MODE: Final = "Control mode"
RESIZE_MODE: Final = "Resize mode of the map"
FOLLOW_EXACTLY: Final = "Follow exactly"
FOLLOW_LOOSELY: Final = "Follow loosely"
FIRST_HALF_ONLY: Final = "First half only"

# ---- what a unit takes its map from
SOURCE: Final = "Source"
OWN_BOARD: Final = "A drawing board of its own"
OWN_BOARD_HELP: Final = "Otherwise the units share one pose, photo and sketch."
PREPROCESSOR: Final = "Preprocessor"
ABOUT_PREPROCESSOR: Final[Mapping[Preprocessor, str]] = {
    Preprocessor.NONE: "The picture is a finished map and is sent as it is.",
    Preprocessor.OPENPOSE: "Finds the people in a photo and draws their skeletons.",
    Preprocessor.CANNY: "Draws the edges of the picture, white on black.",
    Preprocessor.INVERT: "Turns black lines on white paper into white lines on black.",
    Preprocessor.THRESHOLD: "White where the picture is bright, black elsewhere.",
}
EDGES: Final = "Thresholds A and B"
EDGES_HELP: Final = "Edges stronger than B are drawn, and those above A that touch them."
BRIGHTNESS: Final = "Threshold A"
BRIGHTNESS_HELP: Final = "Brightness above which a pixel is white."
PIXEL_PERFECT: Final = "Pixel perfect"
PIXEL_PERFECT_HELP: Final = (
    "The preprocessor works at the size at which the map is used, so that nothing is "
    "scaled twice. Switch it off to choose the shorter side yourself."
)
RESOLUTION: Final = "Preprocessor resolution"
RESOLUTION_HELP: Final = "Shorter side in pixels: fewer make coarser maps, more make finer ones."
LOOKING_FOR_PEOPLE: Final = "Looking for people…"
FOUND_PEOPLE_ALT: Final = "The skeletons found in the photo"
CORRECT_POSE: Final = "Correct it in the pose editor"

# ---- the contact sheet
SHEET: Final = "Contact sheet"
SHEET_ALT: Final = "The contact sheet"
SHEET_DOWNLOAD: Final = "Download the sheet"
SHEET_CLOSE: Final = "Close the sheet"
SHEET_CLOSE_HELP: Final = "Its jobs and pictures stay."


def unit_name(number: int) -> str:
    """What a unit is called, counting from 1."""
    return f"Unit {number}"


def remove_unit(number: int) -> str:
    """The button that removes the last unit."""
    return f"Remove unit {number}"


def image(number: int) -> str:
    """The field of a unit's image, counting from 1."""
    return f"Picture of unit {number}"


def image_alt(number: int) -> str:
    """That image for who doesn't see it."""
    return f"The picture of unit {number}"


def pose_source(board: str) -> str:
    """Where a unit's pose comes from."""
    return f"The figures on the drawing board “{board}”, at the picture's size."


def sketch_alt(board: str) -> str:
    """A unit's sketch for who doesn't see it."""
    return f"The sketch on the drawing board “{board}”"


def draw_sketch(board: str) -> str:
    """In the place of a sketch that nobody has drawn yet."""
    return f"Draw one above, under “Sketch” on the drawing board “{board}”."


def people_found(number: int) -> str:
    """How many people the preprocessor will find."""
    found = "1 person found" if number == 1 else f"{number} people found"
    return (
        f"{found}. The container looks again at the preprocessor's resolution when the picture "
        "is made."
    )


def sheet_progress(over: int, number: int) -> str:
    """How far a contact sheet has come."""
    return f"{over} of {number} pictures are done"


def no_image(label: str) -> str:
    """Below an empty frame of the sheet."""
    return f"{label}: no picture"
