"""Shows what an admin tells everybody, and lets an admin write it."""

from datetime import UTC, datetime

import streamlit as st

from core.team.announcements import MAX_ANNOUNCEMENT, Announcement
from ui.errors import attempt
from ui.state import studio, user
from ui.texts.formatting import escape
from ui.texts.team import messages as texts

_TEXT, _MAINTENANCE = "announcement.text", "announcement.maintenance"


def announcement_banner() -> None:
    """The message above every page, where there is one."""
    current = studio().announcements.current()
    if current is None:
        return
    show = st.warning if current.maintenance else st.info
    show(escape(texts.announcement(current.text, is_maintenance=current.maintenance)))


def announcement_panel() -> None:
    """Where an admin writes the message, and begins and ends maintenance."""
    _fill(studio().announcements.current())
    with st.form("announcement", border=False):
        st.text_area(
            texts.ANNOUNCEMENT,
            key=_TEXT,
            height=90,
            max_chars=MAX_ANNOUNCEMENT,
            placeholder=texts.ANNOUNCEMENT_PLACEHOLDER,
        )
        st.toggle(texts.MAINTENANCE, key=_MAINTENANCE, help=texts.MAINTENANCE_HELP)
        st.form_submit_button(texts.PUBLISH, type="primary", on_click=_publish)


def _fill(current: Announcement | None) -> None:
    """The message of now, unless something is being written."""
    shown = current or Announcement(at=datetime.now(UTC))
    st.session_state.setdefault(_TEXT, shown.text)
    st.session_state.setdefault(_MAINTENANCE, shown.maintenance)


def _publish() -> None:
    state = st.session_state
    attempt(
        lambda: studio().announcements.publish(
            user(), state[_TEXT], maintenance=state[_MAINTENANCE]
        )
    )
