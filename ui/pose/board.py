"""Owns the drawing boards of a form: the one that units share, and those of single units."""

import io
from collections.abc import Iterator
from typing import Any, Final

import streamlit as st
from PIL import Image

from core.poses.records import SavedPose
from formats.openpose.skeleton import Skeleton
from ui.form.controlnet.unit_images import PHOTO, STROKES
from ui.form.state import Form
from ui.form.values import UnitValues

SHARED: Final = "Shared"
_OPEN: Final = "board"


class Board:
    """A pose with its photo and its sketch. Without a unit's index it is the shared one."""

    def __init__(self, form: Form, unit: int | None = None) -> None:
        self.form = form
        self._unit = unit
        self._suffix = "" if unit is None else f"_{unit + 1}"

    @property
    def name(self) -> str:
        """What a user reads."""
        return SHARED if self._unit is None else unit_name(self._unit)

    def key(self, field: str) -> str:
        """A session key of this board."""
        return self.form.key(f"{field}{self._suffix}")

    @property
    def _held(self) -> Any:
        """What keeps the pose: the form, or the unit."""
        kept = self.form.kept
        return kept if self._unit is None else kept.units[self._unit]

    @property
    def pose(self) -> Skeleton | None:
        """The skeleton in the editor; None before anybody looked at it."""
        return self._held.pose  # type: ignore[no-any-return]

    @property
    def saved(self) -> SavedPose | None:
        """The team's pose that it came from, as it was then."""
        return self._held.saved  # type: ignore[no-any-return]

    def put(self, **changes: Any) -> None:
        """Change `pose` or `saved`."""
        if self._unit is None:
            self.form.put(**changes)
        else:
            self.form.put_unit(self._unit, **changes)

    @property
    def photo(self) -> bytes | None:
        """What lies under the figures, PNG."""
        return self.form.picture(PHOTO + self._suffix)

    def put_photo(self, data: bytes | None) -> None:
        """Lay another photo under them; None takes it away."""
        self.form.put_picture(PHOTO + self._suffix, data)

    @property
    def photo_size(self) -> tuple[int, int] | None:
        """Width and height of the photo in pixels."""
        data = self.photo
        return _size(data) if data else None

    @property
    def strokes(self) -> bytes | None:
        """The drawing on the sketch canvas, JSON."""
        return self.form.file(self._strokes)

    def put_strokes(self, data: bytes | None) -> None:
        """Keep the drawing."""
        self.form.put_file(self._strokes, data)

    @property
    def _strokes(self) -> str:
        return f"{STROKES}{self._suffix}.json"

    def clear(self) -> None:
        """Forget photo and drawing; the pose goes with its unit."""
        self.put_photo(None)
        self.put_strokes(None)


@st.cache_data(max_entries=64, show_spinner=False)
def _size(picture: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(picture)) as image:
        return image.size


def unit_name(index: int) -> str:
    """What a unit is called, counting from 1."""
    return f"Unit {index + 1}"


def board_of(form: Form, index: int, unit: UnitValues) -> Board:
    """The board that a unit draws from."""
    return Board(form, index if unit.own else None)


def boards(form: Form) -> tuple[Board, ...]:
    """The shared board, then those of the units that have one of their own."""
    return (Board(form), *_own_boards(form))


def _own_boards(form: Form) -> Iterator[Board]:
    for index in range(len(form.kept.units)):
        unit = form.unit(index)
        if unit.own and unit.source.is_drawn:
            yield Board(form, index)


def open_board(form: Form) -> Board:
    """Draw the switch where there are several. Returns the one to work at."""
    all_boards = {board.name: board for board in boards(form)}
    key = form.key(_OPEN)
    if st.session_state.get(key) not in all_boards:
        st.session_state[key] = SHARED
    if len(all_boards) > 1:
        st.segmented_control(
            "Drawing board",
            list(all_boards),
            key=key,
            required=True,
            help="Units share one board unless one is given its own.",
        )
    return all_boards[st.session_state[key]]


def show_board(board: Board) -> None:
    """From a callback: open this one."""
    st.session_state[board.form.key(_OPEN)] = board.name
