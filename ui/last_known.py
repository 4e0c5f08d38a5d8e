"""Keeps AWS's last answers of a session, so that a page shows them while AWS is silent."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeVar

import streamlit as st

from core.errors import AwsError
from ui.errors import show_old
from ui.texts import common as texts
from ui.texts.formatting import date_time

_STATE: Final = "last_known."

T = TypeVar("T")


class _Answer(NamedTuple):
    question: object
    value: object
    read_at: datetime


def last_known(name: str, question: object, read: Callable[[], T]) -> T:
    """What `read` gives; where AWS fails, its last answer to the same question, marked as old.

    One answer is kept for each name. Raises AwsError where there was none.
    """
    try:
        value = read()
    except AwsError as error:
        kept = st.session_state.get(_STATE + name)
        if kept is None or kept.question != question:
            raise
        show_old(texts.shown_as_of(date_time(kept.read_at), str(error)))
        found: T = kept.value
        return found
    st.session_state[_STATE + name] = _Answer(question, value, datetime.now(UTC))
    return value
