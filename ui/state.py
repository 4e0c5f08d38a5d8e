"""Holds what a page may ask for: the open studio, the user, and values of the browser session."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal, TypeVar, overload

import streamlit as st

from core.errors import NotAllowed
from core.ids import new_id
from core.studio.service import Studio
from core.team.permissions import Action, Item, Kind
from core.team.users import User
from ui.auth.visitor import Visitor, visitor_of_session
from ui.texts import login

SETUP_CHECKS: Final = "setup.checks"
"""Under which a session keeps what led to the page Set-up, which needs not look again."""

_DOUBLE_CLICK_SECONDS: Final = 1.0
_AUDITED: Final = "sign_in.audited"
_PAGE: Final = "page.name"
_VISIT: Final = "page.visit"
_PERSON: Final = "session.person"
_REQUESTED: Final = "requested_page"
_RERUN: Final = "requested_rerun"

PageName = Literal["generate", "controlnet", "jobs"]

T = TypeVar("T")

_studio: list[Studio] = []


def set_studio(opened: Studio | None) -> None:
    """Hand the opened studio to the pages; None takes it back when the server stops."""
    _studio[:] = [opened] if opened else []


def studio() -> Studio:
    """The service layer. Raises RuntimeError where no server has opened it."""
    if not _studio:
        raise RuntimeError("The studio is not open: start the dashboard with app.py.")
    return _studio[0]


def visitor() -> Visitor:
    """Who asks for a page."""
    return visitor_of_session(studio().settings, studio().people)


def user() -> User:
    """Who is signed in.

    Where the login ended while a page was open, the whole app runs again and asks for another;
    a callback can't let it, and gets NotAllowed.
    """
    asking = visitor()
    if asking.user is None:
        st.rerun()
        raise NotAllowed(asking.reason or login.SIGNED_OUT)
    return asking.user


def audit_sign_in(asking: Visitor) -> None:
    """Tell the audit, once in a browser session, that a login counts, or that it does not."""
    told = (asking.user.name if asking.user else "", asking.refusal)
    if not studio().settings.has_identity or st.session_state.get(_AUDITED) == told:
        return
    st.session_state[_AUDITED] = told
    if asking.user:
        studio().audit.sign_in(asking.user)
    elif asking.refusal:
        audit_refusal(asking)


def audit_refusal(asking: Visitor) -> None:
    """Tell the audit that somebody was not let in."""
    studio().audit.sign_in_refused(asking.refusal, origin=asking.origin, user=asking.refused)


def key_of_user(asking: User) -> tuple[str, str]:
    """What of a user tells two answers in a cache apart: not the address that they ask from."""
    return asking.name, asking.role


def keep_session_to(person: User) -> None:
    """Forget what somebody else typed or saw in this session, and begin anew.

    A tab that was left open connects again with the cookies of whoever signed in since then, and
    Streamlit gives it the session that it had.
    """
    if st.session_state.setdefault(_PERSON, person.name) != person.name:
        st.session_state.clear()
        st.session_state[_PERSON] = person.name
        st.query_params.clear()
        st.rerun()


def may(action: Action, item: Item) -> bool:
    """Whether who is signed in may do that: what a page offers. The service decides once more."""
    return studio().access.may(user(), action, item)


def may_create(kind: Kind) -> bool:
    """Whether who is signed in may make something new of this kind."""
    return may(Action.CREATE, Item(kind=kind, owner=user().name))


def enter_page(name: str) -> None:
    """Count a visit whenever another page than in the last run is shown."""
    if st.session_state.get(_PAGE) != name:
        st.session_state[_PAGE] = name
        st.session_state[_VISIT] = page_visit() + 1


def page_visit() -> int:
    """How many pages this session has gone to; the same while it stays on one."""
    return session_value(_VISIT, int, 0)


def begins_visit(key: str) -> bool:
    """Whether who asks under this session key asks for the first time in this visit of a page."""
    is_begun = st.session_state.get(key) == page_visit()
    st.session_state[key] = page_visit()
    return not is_begun


def number_in_address(name: str, most_digits: int) -> int | None:
    """A whole number that the page's address has under this name; None where it has none."""
    text = st.query_params.get(name, "")
    is_number = text.isascii() and text.isdigit() and len(text) <= most_digits
    return int(text) if is_number else None


def request_page(page: PageName) -> None:
    """From a callback, where Streamlit can't switch pages: show that page next."""
    st.session_state[_REQUESTED] = page


def request_rerun() -> None:
    """From a callback in a fragment: run the whole page next, as its other parts show a change
    too."""
    st.session_state[_RERUN] = True


def go_to_requested_page() -> None:
    """Go where a callback wanted to; for the entry script, and for fragments with buttons."""
    if st.session_state.pop(_RERUN, False):
        st.rerun()
    page = session_value(_REQUESTED, str)
    if page:
        del st.session_state[_REQUESTED]
        st.switch_page(f"../pages/{page}.py")


def on_aws() -> bool:
    """Whether the studio works in an AWS account rather than on the embedded AWS."""
    return not studio().settings.embedded


@overload
def session_value(key: str, kind: type[T]) -> T | None: ...
@overload
def session_value(key: str, kind: type[T], default: T) -> T: ...
def session_value(key: str, kind: type[T], default: T | None = None) -> T | None:
    """What the session holds under this key; the default where it holds nothing of this type."""
    value = st.session_state.get(key, default)
    return value if isinstance(value, kind) else default


@contextmanager
def one_click(button: str, request: object) -> Iterator[str]:
    """An id for this click around what it does.

    A second click with an equal request has the same id where it comes within a second of the
    first one's end: the server may be slow with the first, and takes the second only then.
    """
    key, click = f"{button}.click", new_id()
    last = st.session_state.get(key)
    if last and last[1] == request and time.monotonic() - last[2] < _DOUBLE_CLICK_SECONDS:
        click = str(last[0])
    st.session_state[key] = (click, request, time.monotonic())
    try:
        yield click
    finally:
        st.session_state[key] = (click, request, time.monotonic())
