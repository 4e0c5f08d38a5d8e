"""Owns a form's drawing boards: the pose, photo and sketch of each, and what a unit gets of them.

The units of a form share one board; a unit may be given one of its own.
"""

import json
from enum import StrEnum
from typing import Any, Final

import streamlit as st

from core.images.scribble import draw_scribble, scale_strokes
from core.poses.records import SavedPose
from formats.limits import MAX_SIDE, MIN_SIDE
from formats.openpose.skeleton import PoseError, Skeleton
from poses.canvas import Size, fit_to_canvas
from poses.preset_poses import default_pose
from poses.sketches.strokes import Stroke, read_strokes
from ui.form.image.image_field import image_size
from ui.form.state import Form
from ui.form.values import FormValues, UnitValues
from ui.pose.canvas import Drawing, newest_drawing
from ui.pose.editor import newest_pose
from ui.state import session_value
from ui.texts.form.controlnet import unit_name
from ui.texts.pose import studio as texts

EDITOR: Final = "pose.editor"
"""A board's session key of its editor."""

SKETCH: Final = "sketch.canvas"
"""The same of its freehand canvas."""

OPEN: Final = "board"
"""The form's session key of the open board's name."""
MODE: Final = "pose.mode"
NEXT_MODE: Final = "pose.mode.next"
"""A board's session keys of the mode that is open, and of the one that will be."""

_VERSION: Final = "pose.version"
_FITTED: Final = "pose.fitted"


class PoseMode(StrEnum):
    """What a board is worked on with; the value is the word a user reads."""

    EDITOR = "Pose editor"
    SKETCH = "Sketch"


class Board:
    """A pose with its photo and its sketch. Without a unit's index it is the shared one."""

    def __init__(self, form: Form, unit: int | None = None) -> None:
        self.form = form
        self._unit = unit
        self._suffix = "" if unit is None else f"_{unit + 1}"

    @property
    def name(self) -> str:
        """What a user reads."""
        return texts.SHARED_BOARD if self._unit is None else unit_name(self._unit + 1)

    def key(self, field: str) -> str:
        """A session key of this board."""
        return self.form.key(f"{field}{self._suffix}")

    @property
    def _values(self) -> FormValues | UnitValues:
        """What keeps the pose between runs: the form, or the unit."""
        kept = self.form.kept
        return kept if self._unit is None else kept.units[self._unit]

    @property
    def pose(self) -> Skeleton | None:
        """The skeleton in the editor; None before anybody looked at it."""
        return self._values.pose

    @property
    def saved(self) -> SavedPose | None:
        """The team's pose that it came from, as it was then."""
        return self._values.saved

    @property
    def version(self) -> int:
        """Counts the poses that were loaded; the editor starts again with each."""
        return session_value(self.key(_VERSION), int, 0)

    def put(self, **changes: Any) -> None:
        """Change `pose` or `saved`."""
        if self._unit is None:
            self.form.put(**changes)
        else:
            self.form.put_unit(self._unit, **changes)

    def load(self, pose: Skeleton, saved: SavedPose | None = None) -> None:
        """Put another pose into the editor, as large as the canvas allows.

        `saved` is the team's pose that it is; None for one of another origin.
        """
        st.session_state[self.key(_VERSION)] = self.version + 1
        self.put(pose=fit_to_canvas(pose, *self.canvas(pose)), saved=saved)

    def canvas(self, pose: Skeleton) -> Size:
        """The request's size; the pose's own while the form has one that is not allowed."""
        width, height = self.form.get("width"), self.form.get("height")
        is_allowed = all(
            isinstance(side, int) and MIN_SIDE <= side <= MAX_SIDE for side in (width, height)
        )
        return (width, height) if is_allowed else (pose.width, pose.height)

    @property
    def photo(self) -> bytes | None:
        """What lies under the figures, PNG."""
        return self.form.image(self._photo)

    @property
    def photo_size(self) -> Size | None:
        """Width and height of the photo in pixels."""
        data = self.photo
        return image_size(data) if data else None

    def put_photo(self, data: bytes | None) -> None:
        """Lay another photo under them; None takes it away."""
        self.form.put_image(self._photo, data)

    @property
    def strokes(self) -> bytes | None:
        """What was drawn on the sketch canvas, JSON."""
        return self.form.file(self._strokes)

    @property
    def drawing(self) -> Drawing:
        """The same as the canvas takes it; empty where nothing was drawn."""
        drawing: Drawing = json.loads(self.strokes or b"{}")
        return drawing

    def put_drawing(self, drawing: Drawing) -> None:
        """Keep what was drawn."""
        self.form.put_file(self._strokes, json.dumps(drawing).encode())

    @property
    def _photo(self) -> str:
        return f"photo{self._suffix}"

    @property
    def _strokes(self) -> str:
        return f"strokes{self._suffix}.json"

    def clear(self) -> None:
        """Forget photo and drawing; the pose goes with its unit."""
        self.put_photo(None)
        self.form.put_file(self._strokes, None)

    def show(self) -> None:
        """From a callback: open this board."""
        st.session_state[self.form.key(OPEN)] = self.name

    @property
    def mode(self) -> PoseMode:
        """What is open of it."""
        return session_value(self.key(MODE), PoseMode, PoseMode.EDITOR)

    def open_mode(self, mode: PoseMode) -> None:
        """Open that mode at the next run: the switch of this one may be on the page already."""
        st.session_state[self.key(NEXT_MODE)] = mode


def board_of(form: Form, index: int, unit: UnitValues) -> Board:
    """The board that a unit takes its pose or sketch from."""
    return Board(form, index if unit.own else None)


def boards(form: Form) -> tuple[Board, ...]:
    """The shared board, then those of the units that have one of their own."""
    units = ((index, form.unit(index)) for index in range(len(form.kept.units)))
    own = (Board(form, index) for index, unit in units if unit.own and unit.source.is_board)
    return (Board(form), *own)


def current_pose(board: Board) -> Skeleton:
    """The pose as the browser has it, also where no run has shown it yet; else the default one."""
    pose = board.pose
    return newest_pose(pose, key=board.key(EDITOR)) if pose else default_pose()


def pose_to_send(board: Board) -> Skeleton:
    """The same as a request gets it: on its canvas, also where the board is not open."""
    return _on_canvas(board, current_pose(board))


def fit_to_request(board: Board) -> Skeleton:
    """The board's pose, or the default one, moved onto another canvas where the size changed.

    A size that changes twice before the figure is touched is fitted once, from the first.
    """
    pose = board.pose or default_pose()
    if (pose.width, pose.height) != board.canvas(pose):
        newest = current_pose(board)
        first, last = st.session_state.get(board.key(_FITTED), (newest, newest))
        start = first if newest == last else newest
        pose = _on_canvas(board, start)
        st.session_state[board.key(_FITTED)] = (start, pose)
    if pose != board.pose:
        board.put(pose=pose)
    return pose


def _on_canvas(board: Board, pose: Skeleton) -> Skeleton:
    """On a canvas of the request's size; where a photo lies under it, it stays on the photo."""
    return fit_to_canvas(pose, *board.canvas(pose), board.photo_size)


def sketch_map(board: Board) -> bytes | None:
    """The sketch as scribble ControlNets take it, PNG of the request's size: white on black.

    None where nothing was drawn.
    """
    drawing = newest_drawing(board.drawing, key=board.key(SKETCH))
    size = board.canvas(board.pose or default_pose())
    return _scribble(json.dumps(drawing).encode(), *size) if drawing else None


@st.cache_data(max_entries=32, show_spinner=False)
def _scribble(drawing: bytes, width: int, height: int) -> bytes | None:
    try:
        strokes = strokes_on(json.loads(drawing), width, height)
    except PoseError:
        return None  # the sketch's own page says so where it is drawn
    return draw_scribble(strokes, width, height) if strokes else None


def strokes_on(drawing: Drawing, width: int, height: int) -> tuple[Stroke, ...]:
    """The strokes in pixels of a request of width x height. Raises PoseError."""
    strokes = read_strokes(drawing)
    if not strokes:
        return ()
    return scale_strokes(strokes, min(width / drawing["width"], height / drawing["height"]))
