"""Shows errors: at the field that is wrong, as the page's notice, or in one box for the rest.

Where AWS is the one that fails, what it answered last is shown below the error.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple, TypeVar

import streamlit as st

from core.errors import AwsError, ContrappostoError, InvalidDraft, InvalidInput, Problem
from ui.texts import common as texts
from ui.texts.formatting import date_time, escape

log = logging.getLogger(__name__)

_NOTICE: Final = "notice"
_LAST_KNOWN: Final = "last_known."

T = TypeVar("T")


def problems_of(error: ContrappostoError) -> tuple[Problem, ...]:
    """What an error says, by field; "" is the form as a whole."""
    if isinstance(error, InvalidDraft):
        return error.problems
    field = error.field if isinstance(error, InvalidInput) else ""
    return (Problem(field, str(error)),)


def messages_of(error: ContrappostoError) -> dict[str, str]:
    """The same as `show_at` and `show_rest` take it: the message of each field."""
    return {problem.field: problem.message for problem in problems_of(error)}


def show_at(problems: dict[str, str], *fields: str) -> None:
    """Show the problems of these fields and of what lies below them (`units.0` of `units`)."""
    for field, message in problems.items():
        if _belongs(field, fields):
            st.error(escape(message))


def show_rest(problems: dict[str, str], *fields: str) -> None:
    """Show the problems that `show_at` shows at none of these fields."""
    for field, message in problems.items():
        if not _belongs(field, fields):
            st.error(escape(message), icon=":material/error:")


def _belongs(field: str, fields: tuple[str, ...]) -> bool:
    return any(field == wanted or field.startswith(f"{wanted}.") for wanted in fields)


def attempt(action: Callable[[], object]) -> None:
    """Run a button's action; an error becomes the page's notice."""
    try:
        action()
    except ContrappostoError as error:
        st.session_state[_NOTICE] = str(error)


def show_notice() -> None:
    """Show the message of an action that failed, once, on top of the page."""
    message = st.session_state.pop(_NOTICE, "")
    if message:
        st.error(escape(message), icon=":material/error:")


def show_old(problem: str) -> None:
    """Say what AWS does not answer, above what it answered last; nothing where it answers."""
    if problem:
        st.warning(escape(problem), icon=":material/schedule:")


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
        kept = st.session_state.get(_LAST_KNOWN + name)
        if kept is None or kept.question != question:
            raise
        show_old(texts.shown_as_of(date_time(kept.read_at), str(error)))
        found: T = kept.value
        return found
    st.session_state[_LAST_KNOWN + name] = _Answer(question, value, datetime.now(UTC))
    return value


def show_unhandled(error: Exception) -> bool:
    """Show an error that no page handled. True keeps Streamlit from showing its own box."""
    if isinstance(error, ContrappostoError):
        log.warning("event=page_error kind=%s error=%s", type(error).__name__, error)
        st.error(escape(str(error)), icon=":material/cloud_off:")
    else:
        log.error("event=page_failed kind=%s", type(error).__name__, exc_info=error)
        st.error(texts.UNEXPECTED_ERROR, icon=":material/report:")
    return True
