"""Shows the audit to an admin: filters, a page of entries, and the export."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import streamlit as st

from core.team.audit.csv_export import csv_lines
from core.team.audit.entries import AuditEntry, AuditEvent, Outcome
from core.team.audit.trail import MAX_EXPORTED, AuditFilter, AuditPage
from core.team.users import SYSTEM
from ui.errors import last_known, show_old
from ui.state import session_value, studio, user
from ui.texts.formatting import from_local_time, local_time, viewers_zone
from ui.texts.team import audit as texts

_KEY: Final = "audit."
_CURSORS: Final = "audit.cursors"
"""Where each page began that was turned, the first one's None left out."""
_FILTER: Final = "audit.filter"
_DAYS_SHOWN: Final = 30
"""Days that are shown at first."""


def audit_panel() -> None:
    """Everything that was done, the newest first. Raises NotAllowed for whoever is no admin."""
    st.caption(texts.ABOUT)
    show_old(studio().audit.problem())
    which = _filters()
    if st.session_state.get(_FILTER) != which:
        st.session_state[_FILTER], st.session_state[_CURSORS] = which, []
    cursors = session_value(_CURSORS, list, [])
    cursor = cursors[-1] if cursors else None
    page = last_known(
        "audit.page",
        (which, cursor),
        lambda: studio().audit_trail.page(user(), which, cursor),
    )
    _head(which, page, len(cursors) + 1)
    _table(page)
    _turn(page, cursors)


def _filters() -> AuditFilter:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        person = st.text_input(
            texts.PERSON, key=f"{_KEY}person", placeholder=texts.PERSON_PLACEHOLDER, max_chars=128
        )
        event = st.selectbox(
            texts.EVENT,
            list(AuditEvent),
            index=None,
            key=f"{_KEY}event",
            placeholder=texts.ANY_EVENT,
            format_func=lambda each: each.value,
        )
        outcome = st.selectbox(
            texts.OUTCOME,
            list(Outcome),
            index=None,
            key=f"{_KEY}outcome",
            placeholder=texts.ANY_OUTCOME,
            format_func=lambda each: each.value,
        )
        today = local_time(datetime.now(UTC)).date()
        days = st.date_input(
            texts.SPAN,
            (today - timedelta(days=_DAYS_SHOWN - 1), today),
            max_value=today,
            key=f"{_KEY}days",
        )
    first, last = _span(days, today)
    return AuditFilter(
        person=person.strip(),
        event=event,
        outcome=outcome,
        since=_midnight(first),
        until=_midnight(last + timedelta(days=1)),
    )


def _span(days: object, today: date) -> tuple[date, date]:
    """The first and the last day; while only the first one is chosen, the last is today."""
    chosen = [day for day in days if isinstance(day, date)] if isinstance(days, tuple) else []
    first = chosen[0] if chosen else today
    return first, chosen[1] if len(chosen) > 1 else max(first, today)


def _midnight(day: date) -> datetime:
    return from_local_time(datetime.combine(day, time.min))


def _head(which: AuditFilter, page: AuditPage, number: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(texts.shown(len(page.entries), number), width="stretch")
        st.download_button(
            texts.EXPORT,
            lambda: audit_csv(which),
            file_name=texts.file_name(f"{local_time(datetime.now(UTC)):%Y-%m-%d}"),
            mime="text/csv",
            icon=":material/download:",
            key=f"{_KEY}export",
            on_click="ignore",
            help=texts.export_help(MAX_EXPORTED, str(viewers_zone())),
        )


def audit_csv(which: AuditFilter) -> bytes:
    """The entries of a filter as a file in the viewer's time zone. Raises NotAllowed, AwsError."""
    entries = studio().audit_trail.everything(user(), which)
    return b"".join(line.encode() for line in csv_lines(entries, viewers_zone()))


def _table(page: AuditPage) -> None:
    if not page.entries:
        st.caption(texts.NOTHING_YET if page.cursor else texts.NOTHING)
        return
    st.dataframe(
        [_row(entry) for entry in page.entries],
        hide_index=True,
        key=f"{_KEY}table",
        column_config={
            texts.COLUMN_TIME: st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss")
        },
    )


def _row(entry: AuditEntry) -> dict[str, object]:
    return {
        texts.COLUMN_TIME: local_time(entry.at).replace(tzinfo=None),
        texts.COLUMN_PERSON: _person(entry),
        texts.COLUMN_EVENT: str(entry.event),
        texts.COLUMN_KIND: entry.kind,
        texts.COLUMN_SUBJECT: entry.subject,
        texts.COLUMN_OUTCOME: entry.outcome.value,
        texts.COLUMN_REASON: entry.reason,
        texts.COLUMN_ORIGIN: entry.origin,
    }


def _person(entry: AuditEntry) -> str:
    if entry.user == SYSTEM.name:
        return texts.THE_STUDIO
    return entry.title or entry.user or texts.NOBODY


def _turn(page: AuditPage, cursors: list[str]) -> None:
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            texts.NEWER,
            key=f"{_KEY}newer",
            disabled=not cursors,
            on_click=_set_cursors,
            args=(cursors[:-1],),
        )
        st.button(
            texts.OLDER,
            key=f"{_KEY}older",
            disabled=page.cursor is None,
            on_click=_set_cursors,
            args=([*cursors, page.cursor],),
        )


def _set_cursors(cursors: list[str]) -> None:
    st.session_state[_CURSORS] = cursors
