"""Texts of the pose studio: boards, sketch, photo, table, library, and how a pose is saved."""

from collections.abc import Iterable
from typing import Final

# ---- boards and the editor's surroundings
SHARED_BOARD: Final = "Shared"
BOARD: Final = "Drawing board"
BOARD_HELP: Final = "Units share one board unless one is given its own."
MODE: Final = "Way to the pose"
MAP_ALT: Final = "The OpenPose map"
DEFAULT_POSE: Final = "Default pose"

# ---- the sketch
SKETCH_HINT: Final = "A round head, a line for the body, one for each arm and leg."
SKETCH_TO_SKELETON: Final = "Make a skeleton of it"
SKETCH_AS_IT_IS: Final = "Use the sketch as it is"
SKETCH_AS_IT_IS_HELP: Final = "For scribble ControlNets: white strokes on black"
EMPTY_SKETCH: Final = "There is nothing on the canvas yet. Draw a figure first."

# ---- files that are dropped on it
UPLOAD: Final = "Photo, OpenPose map, or pose file (JSON)"
UPLOAD_TO_SKETCH: Final = "Picture to draw over, OpenPose map, or pose file (JSON)"
NOBODY_FOUND: Final = (
    "Nobody was found in this photo. It lies under the figure now: drag the figure over it, or "
    "try a photo in which people are seen from head to foot."
)
POSE_READ: Final = "The pose was read. Note:"
PHOTO_TO_SKETCH: Final = "Draw over it. It is no part of the sketch."
REMOVE_PHOTO: Final = "Remove the photo"
TAKE_SHAPE: Final = "Take its shape"

# ---- the table
TABLE: Final = "Move the joints in a table"
COLUMN_FIGURE: Final = "Figure"
COLUMN_JOINT: Final = "Joint"
COLUMN_X: Final = "x"
COLUMN_Y: Final = "y"
COLUMN_SHOWN: Final = "Shown"

# ---- saving and exporting
SAVE: Final = "Add to library"
NAME: Final = "Name of the pose"
TAGS: Final = "Tags, separated by commas"
SAVE_CHANGES: Final = "Save changes"
SAVE_AS_NEW: Final = "Save as new"
EXPORT: Final = "Export"
EXPORT_JSON: Final = "OpenPose JSON"
EXPORT_JSON_LIST: Final = "OpenPose JSON, as a list"
EXPORT_FKUNN1326: Final = "fkunn1326 JSON"
EXPORT_MAP: Final = "Map (PNG)"
EXPORT_HINT: Final = (
    "ComfyUI reads the list; editors of the WebUI read the first. fkunn1326's has no hands."
)

# ---- the library
LIBRARY: Final = "Pose library"
SHELF: Final = "Shelf"
SHIPPED: Final = "Ships with it"
TEAM: Final = "Team"
SEARCH: Final = "Search"
SEARCH_PLACEHOLDER: Final = "Name, tag or owner"
TAG_FILTER: Final = "Tags"
NO_TEAM_POSE: Final = (
    "No pose of the team is like that. Keep the editor's one with “Add to library”."
)
NO_SHIPPED_POSE: Final = "No pose that ships is like that."
MAP_READ: Final = "This is an OpenPose map: its joints were read back and can be moved."
"""What came of a map; the notices on what on it did not follow."""
LOAD: Final = "Load"
DUPLICATE: Final = "Duplicate"
DELETE_FOR_TEAM: Final = "Delete for the whole team"


def map_caption(size: str) -> str:
    """Below the map."""
    return f"The map, {size}"


def people(number: int) -> str:
    """How many there are."""
    return "1 person" if number == 1 else f"{number} people"


def people_found(number: int) -> str:
    """What came of a photo."""
    return f"Found {people(number)}. Correct what is off."


def take_shape_help(size: str) -> str:
    """What taking the photo's shape does."""
    return f"Makes the picture {size}, in the photo's proportions"


def overwrite_help(name: str) -> str:
    """What saving the changes does."""
    return f"Overwrites the team's pose “{name}”"


def saved(name: str) -> str:
    """After a pose was saved."""
    return f"Saved as “{name}”."


def pose_count(number: int) -> str:
    """How many poses there are, where they take several pages."""
    return f"{number} poses"


def about_preset(number: int, tags: Iterable[str]) -> str:
    """Who is in a pose that ships, and its tags."""
    return " · ".join(filter(None, (people(number), ", ".join(tags))))


def about_saved(number: int, tags: Iterable[str], owner: str, when: str) -> str:
    """The same of a team's pose, with who saved it."""
    return f"{about_preset(number, tags)} · saved by {owner} at {when}"


def headline(name: str, about: str) -> str:
    """A pose's name with what is known of it, in Markdown."""
    return f"**{name}** :small[{about}]"
