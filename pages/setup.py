"""Set-up: what the account has, what is missing, and what can be created from here."""

from functools import partial
from typing import Final

import streamlit as st

from core.setup.checks import Check, CheckState, SetupAction
from core.setup.service import SET_UP
from core.team.permissions import Action
from ui.errors import attempt, show_notice
from ui.state import SETUP_CHECKS, may, studio, user
from ui.team.tag_list import tag_list_panel
from ui.texts import common
from ui.texts import setup as texts
from ui.texts.formatting import escape

_MARKS: Final = {
    CheckState.IN_PLACE: ":green[:material/check_circle:]",
    CheckState.FAILED: ":red[:material/cancel:]",
    CheckState.UNKNOWN: ":gray[:material/help:]",
}
_ADVISED: Final = ":orange[:material/warning:]"
_LABELS: Final = {
    SetupAction.CREATE_BUCKET: texts.CREATE,
    SetupAction.CLOSE_BUCKET: texts.SET,
    SetupAction.SET_LIFECYCLE: texts.SET,
    SetupAction.SET_CORS: texts.SET,
    SetupAction.CREATE_TABLE: texts.CREATE,
    SetupAction.CREATE_RECORDS_TABLE: texts.CREATE,
    SetupAction.ADD_INDEX: texts.ADD,
    SetupAction.CREATE_EVENTS: texts.CREATE,
}


def _verdict(checks: tuple[Check, ...]) -> None:
    """What all of them come to, and what somebody can do who was sent here."""
    blocking = sum(check.blocks for check in checks)
    if blocking:
        st.error(texts.not_usable(blocking), icon=":material/cancel:")
    elif all(check.ok for check in checks):
        st.success(texts.COMPLETE, icon=":material/check_circle:")
    else:
        st.info(texts.USABLE, icon=":material/info:")


def _row(check: Check, number: int) -> None:
    """One check, and the button that puts it in place."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"check-{number}"):
        mark = _MARKS[check.state] if check.is_needed or check.ok else _ADVISED
        detail = f":small[{escape(check.detail)}]" if check.detail else ""
        st.markdown(f"{mark} **{escape(check.name)}**  \n{detail}", width="stretch")
        if check.action:
            perform = partial(studio().setup.perform, user(), check.action)
            may_create = may(Action.CHANGE, SET_UP)
            st.button(
                _LABELS[check.action],
                key=check.action,
                on_click=attempt,
                args=(perform,),
                disabled=not may_create,
                help=None if may_create else texts.ADMINS_ONLY,
            )


st.title(common.SETUP, anchor=False)
st.caption(texts.ABOUT)
show_notice()
with st.container(key="narrow"):
    with st.spinner(texts.CHECKING):
        checks = st.session_state.pop(SETUP_CHECKS, None) or studio().setup.checks()
    with st.container(horizontal=True, vertical_alignment="center"):
        _verdict(checks)
        st.button(texts.CHECK_AGAIN, icon=":material/refresh:")
    with st.container(border=True, key="checks"):
        for number, check in enumerate(checks):
            _row(check, number)
    if not any(check.blocks for check in checks):  # where the records are, too
        tag_list_panel()
