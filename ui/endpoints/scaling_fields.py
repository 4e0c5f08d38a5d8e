"""The fields of a scaling order: numbers, office hours, end date. The form and the dialog of an
endpoint draw them, each under a prefix of its own."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

import streamlit as st

from core.endpoints.scaling.spec import OfficeHours, ScalingSpec, Weekday
from ui.errors import show_at
from ui.texts import scaling as texts

FIELDS: Final = (
    "minimum",
    "maximum",
    "backlog_target",
    "idle_minutes",
    "hours",
    "days",
    "start",
    "end",
    "timezone",
    "warm",
    "ends_at",
)
"""The fields that a problem may stand at."""

_NUMBERS: Final = (
    ("minimum", texts.MINIMUM, texts.MINIMUM_HELP),
    ("maximum", texts.MAXIMUM, texts.MAXIMUM_HELP),
    ("backlog_target", texts.BACKLOG, texts.BACKLOG_HELP),
    ("idle_minutes", texts.IDLE, texts.IDLE_HELP),
)
_OFFICE: Final = {
    "start": time(8),
    "end": time(18),
    "warm": 1,
}


def fill_fields(prefix: str, spec: ScalingSpec) -> None:
    """Put an order into the fields when they are drawn next."""
    st.session_state[f"{prefix}.kept"] = _values(spec)
    mark_drawn(prefix, ())


def put_back(prefix: str, values: Mapping[str, Any]) -> None:
    """Before fields are drawn: put back what those held that the last run did not draw.

    Streamlit forgets them, or has a number start at 0. `values` are those of the first time, by
    field; `mark_drawn` tells which fields this run draws.
    """
    state = st.session_state
    kept: dict[str, Any] = {**values, **state.get(f"{prefix}.kept", {})}
    for name, value in kept.items():
        key = f"{prefix}.{name}"
        if name in state.get(f"{prefix}.drawn", ()) and key in state:
            kept[name] = state[key]
        else:
            state[key] = value
    state[f"{prefix}.kept"] = kept


def mark_drawn(prefix: str, fields: Collection[str]) -> None:
    """What these hold in the next run is a user's choice."""
    st.session_state[f"{prefix}.drawn"] = frozenset(fields)


def _values(spec: ScalingSpec) -> dict[str, Any]:
    hours = spec.hours
    zone = hours.timezone if hours else _viewer_zone()
    end = spec.ends_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) if spec.ends_at else None
    office = {name: getattr(hours, name) if hours else value for name, value in _OFFICE.items()}
    return {
        **{name: getattr(spec, name) for name, _, _ in _NUMBERS},
        **office,
        "days": list(hours.days if hours else tuple(Weekday)[:5]),
        "office": hours is not None,
        "timezone": zone,
        "ends_at": end,
    }


def scaling_fields(prefix: str, problems: dict[str, str]) -> None:
    """Draw the fields with what is wrong with each."""
    values = _values(ScalingSpec())
    put_back(prefix, values)
    is_office = st.session_state[f"{prefix}.office"]
    hidden = () if is_office else OfficeHours.model_fields
    mark_drawn(prefix, [name for name in values if name not in hidden])
    for column, (name, label, help_text) in zip(st.columns(4), _NUMBERS, strict=True):
        with column:
            st.number_input(label, key=f"{prefix}.{name}", step=1, help=help_text)
            show_at(problems, name)
    opened = any(field in problems for field in FIELDS[4:])
    with st.expander(texts.SCHEDULE, expanded=opened, icon=":material/schedule:"):
        st.toggle(texts.OFFICE, key=f"{prefix}.office", help=texts.OFFICE_HELP)
        if is_office:
            _office_fields(prefix, problems)
        st.datetime_input(texts.ENDS_AT, key=f"{prefix}.ends_at", help=texts.ENDS_AT_HELP)
        show_at(problems, "ends_at")


def _office_fields(prefix: str, problems: dict[str, str]) -> None:
    st.pills(
        texts.DAYS,
        list(Weekday),
        format_func=lambda day: texts.DAY_NAMES[day],
        selection_mode="multi",
        key=f"{prefix}.days",
    )
    show_at(problems, "days")
    start, end, zone, warm = st.columns([2, 2, 4, 3])
    with start:
        st.time_input(texts.START, key=f"{prefix}.start")
        show_at(problems, "start")
    with end:
        st.time_input(texts.END, key=f"{prefix}.end")
        show_at(problems, "end")
    with zone:
        st.selectbox(texts.TIMEZONE, sorted(available_timezones()), key=f"{prefix}.timezone")
        show_at(problems, "timezone")
    with warm:
        st.number_input(texts.WARM, key=f"{prefix}.warm", step=1)
        show_at(problems, "warm", "hours")


def read_fields(prefix: str) -> ScalingSpec:
    """The order of the fields. Raises InvalidDraft with the problem of each."""
    state = st.session_state
    numbers = {name: state[f"{prefix}.{name}"] or 0 for name, _, _ in _NUMBERS}
    return ScalingSpec.ordered(**numbers, hours=_office(prefix), ends_at=_end(prefix))


def _office(prefix: str) -> dict[str, Any] | None:
    """Plain values: the order checks them all at once."""
    state = st.session_state
    if not state[f"{prefix}.office"]:
        return None
    return {name: state[f"{prefix}.{name}"] for name in OfficeHours.model_fields}


def _end(prefix: str) -> datetime | None:
    chosen: datetime | None = st.session_state[f"{prefix}.ends_at"]
    if chosen is None:
        return None
    zone = st.session_state.get(f"{prefix}.timezone") or _viewer_zone()
    return chosen.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _viewer_zone() -> str:
    zone = st.context.timezone or "UTC"
    return zone if zone in available_timezones() else "UTC"
