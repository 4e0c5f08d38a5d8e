"""The table in which the joints of a skeleton are moved, in pixels."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from formats.limits import MAX_COORDINATE
from formats.openpose.skeleton import KEYPOINT_NAMES, WRISTS, Person, Point, Points, Skeleton, clamp
from ui.texts.pose import studio as texts


def pose_table(pose: Skeleton, key: str) -> Skeleton:
    """The table of all figures. Returns the skeleton as it stands there.

    The table begins anew whenever the pose came from elsewhere, else its edits would be applied
    to another figure.
    """
    rev = _revision(pose, key)
    rows = rows_of(st.session_state[f"{key}.base"])
    edited = st.data_editor(
        rows,
        key=f"{key}.table.{rev}",
        hide_index=True,
        disabled=["figure", "joint"],
        height=260,
        column_config={
            "figure": st.column_config.NumberColumn(texts.COLUMN_FIGURE, width="small"),
            "joint": st.column_config.TextColumn(texts.COLUMN_JOINT),
            "x": _coordinate_column(texts.COLUMN_X),
            "y": _coordinate_column(texts.COLUMN_Y),
            "shown": st.column_config.CheckboxColumn(texts.COLUMN_SHOWN),
        },
    )
    result = skeleton_of(pose, edited)
    st.session_state[f"{key}.result"] = result
    return result


def _coordinate_column(label: str) -> Any:
    limit = float(MAX_COORDINATE)
    return st.column_config.NumberColumn(label, min_value=-limit, max_value=limit, format="%.0f")


def _revision(pose: Skeleton, key: str) -> int:
    state = st.session_state
    if pose != state.get(f"{key}.result"):
        state[f"{key}.base"] = pose
        state[f"{key}.rev"] = state.get(f"{key}.rev", 0) + 1
    return int(state[f"{key}.rev"])


def rows_of(pose: Skeleton) -> list[dict[str, Any]]:
    """One row for each joint of each figure; a missing joint has no place."""
    return [
        {
            "figure": number,
            "joint": name,
            "x": point.x if point else None,
            "y": point.y if point else None,
            "shown": bool(point and not point.hidden),
        }
        for number, person in enumerate(pose.people, 1)
        for name, point in zip(KEYPOINT_NAMES, person.body, strict=True)
    ]


def skeleton_of(pose: Skeleton, rows: Sequence[Mapping[str, Any]]) -> Skeleton:
    """The rows as a skeleton on the same canvas; hands have no rows and go with their wrists."""
    step = len(KEYPOINT_NAMES)
    people = tuple(
        _with_body(person, tuple(_point(row) for row in rows[step * i : step * (i + 1)]))
        for i, person in enumerate(pose.people)
    )
    return pose.model_copy(update={"people": people})


def _with_body(person: Person, body: Points) -> Person:
    """The person with other joints; the hands follow their wrists."""
    hands = {
        part: _shifted(getattr(person, part), person.body[wrist], body[wrist])
        for part, wrist in WRISTS.items()
    }
    return Person(body=body, **hands)


def _shifted(hand: Points | None, before: Point | None, after: Point | None) -> Points | None:
    if hand is None or before is None or after is None:
        return hand
    dx, dy = after.x - before.x, after.y - before.y
    return tuple(
        p and p.model_copy(update={"x": clamp(p.x + dx), "y": clamp(p.y + dy)}) for p in hand
    )


def _point(row: Mapping[str, Any]) -> Point | None:
    if row["x"] is None or row["y"] is None:
        return None
    return Point(x=row["x"], y=row["y"], hidden=not row["shown"])
