"""Shows what was wrong with a form, at the field it belongs to."""

from collections.abc import Callable

import streamlit as st

from core.errors import ContrappostoError, InvalidDraft, InvalidInput, Problem
from ui.texts.formatting import plain


def problems_of(error: ContrappostoError) -> tuple[Problem, ...]:
    """What an error says, by field; "" is the form as a whole."""
    if isinstance(error, InvalidDraft):
        return error.problems
    field = error.field if isinstance(error, InvalidInput) else ""
    return (Problem(field, str(error)),)


def show_at(problems: dict[str, str], *fields: str) -> None:
    """Show the problems of these fields and of what lies below them (`units.0` of `units`)."""
    for field, message in problems.items():
        if _belongs(field, fields):
            st.error(plain(message))


def show_rest(problems: dict[str, str], *shown: str) -> None:
    """Show what no field of the page has shown."""
    for field, message in problems.items():
        if not _belongs(field, shown):
            st.error(plain(message), icon=":material/error:")


def _belongs(field: str, fields: tuple[str, ...]) -> bool:
    return any(field == wanted or field.startswith(f"{wanted}.") for wanted in fields)


def attempt(action: Callable[[], object]) -> None:
    """Run a button's action; an error becomes the page's notice."""
    try:
        action()
    except ContrappostoError as error:
        st.session_state["notice"] = str(error)


def show_notice() -> None:
    """Show the message of an action that failed, once, on top of the page."""
    message = st.session_state.pop("notice", "")
    if message:
        st.error(plain(message), icon=":material/error:")
