"""Tells the audit of logins: once in a browser session, and of each request that is refused."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import streamlit as st

from core.team.audit.log import AuditLog
from core.team.users import LOCAL, User
from ui.auth.visitor import Visitor
from ui.texts import login

_TOLD: Final = "auth.told"


class Refusal(StrEnum):
    """Why a login does not count, as the audit keeps it."""

    HEADER = "header refused"
    NOT_VERIFIED = "not verified"
    NOT_NAMED = "not named"
    DISABLED = "disabled"


_REFUSALS: Final[Mapping[str, Refusal]] = {
    login.HEADER_REFUSED: Refusal.HEADER,
    login.NOT_VERIFIED: Refusal.NOT_VERIFIED,
    login.NOT_NAMED: Refusal.NOT_NAMED,
}
"""By what its person reads. A login that is only over was no attempt."""


def tell_of_session(found: Visitor, audit: AuditLog, origin: str) -> None:
    """Of a login that counts for the first time in this browser session, or that is refused."""
    if found.user == LOCAL:
        return
    told = (found.user.name if found.user else "", found.reason)
    if st.session_state.get(_TOLD, ("", "")) == told:
        return
    st.session_state[_TOLD] = told
    if found.user:
        audit.sign_in(found.user)
    else:
        tell_of_refusal(found, audit, origin)


def tell_of_refusal(found: Visitor, audit: AuditLog, origin: str) -> None:
    """Of a login that does not count, unless it is only over."""
    if found.refused:
        person = found.refused
        user = User(name=person.name, title=person.title, origin=person.origin)
        audit.sign_in_refused(Refusal.DISABLED, user=user)
    elif reason := _REFUSALS.get(found.reason):
        audit.sign_in_refused(reason, origin=origin)
