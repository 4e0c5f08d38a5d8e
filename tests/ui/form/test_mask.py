"""What a browser may answer for the mask editor, and what becomes of it."""

import io
import logging
from base64 import b64encode
from typing import Any

import pytest
from PIL import Image

from ui.form.image.mask import EditorState, state_after

SIZE = (40, 30)
STATE = EditorState("a", loaded=None, mask=None)


def png(width: int, height: int) -> str:
    buffer = io.BytesIO()
    Image.new("L", (width, height), 255).save(buffer, "PNG")
    return f"data:image/png;base64,{b64encode(buffer.getvalue()).decode()}"


PATCH = {"rev": "a", "version": 1, "box": [10, 10, 30, 20], "png": png(20, 10), "brush": 33}


def patch(**changes: Any) -> dict[str, Any]:
    return {"patch": {**PATCH, **changes}}


def test_a_patch_is_taken_once() -> None:
    state = state_after(STATE, patch(), SIZE)
    assert (state.taken, state.brush, state.loaded) == (1, 33, None)
    assert state.mask
    assert Image.open(io.BytesIO(state.mask)).getbbox() == (10, 10, 30, 20)
    assert state_after(state, patch(box=[0, 0, 20, 10]), SIZE) is state


@pytest.mark.parametrize(
    "answer", [None, {}, {"patch": None}, patch(rev="b"), patch(version=0), patch(version=-1)]
)
def test_no_answer_and_a_late_one_change_nothing(answer: Any) -> None:
    assert state_after(STATE, answer, SIZE) is STATE


@pytest.mark.parametrize(
    "answer",
    [
        {"patch": "x"},
        {"patch": []},
        patch(box=[0, 0, 20]),
        patch(box="drop"),
        patch(brush=0),
        patch(brush=9999),
        patch(version="drop"),
        patch(png=None),
        patch(png="drop"),
        patch(png="data:image/png;base64,%%"),
        patch(png=png(20, 11)),
        patch(box=[10, 10, 30, 31], png=png(20, 21)),
        patch(box=[-1, 10, 19, 20]),
    ],
)
def test_what_is_no_patch_is_logged_without_its_content(
    answer: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        state = state_after(STATE, answer, SIZE)
    assert (state.mask, state.rev) == (None, "a")
    assert "event=mask_patch_ignored" in caplog.text
    assert "drop" not in caplog.text
