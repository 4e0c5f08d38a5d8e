"""The state of an endpoint on its card: in words, whether it is late, AWS's reason, and the log."""

from datetime import UTC, datetime

import streamlit as st

from core.endpoints.lifecycle.failure_reasons import advice_on
from core.endpoints.lifecycle.state_times import is_late, usual_time
from core.endpoints.service import Endpoint, EndpointStatus
from core.errors import ContrappostoError
from ui.components.sharing_fields import title_of
from ui.state import studio, user
from ui.texts import formatting
from ui.texts import lifecycle as texts
from ui.texts import scaling as scaling_texts

_FAILED = frozenset({EndpointStatus.FAILED, EndpointStatus.UPDATE_ROLLBACK_FAILED})


def state_panel(endpoint: Endpoint) -> None:
    """Below the name."""
    st.caption(_sentence(endpoint))
    if endpoint.owner != user().name:
        st.caption(formatting.escape(texts.owner(title_of(endpoint.owner))))
    if _is_late(endpoint):
        st.warning(texts.LATE[endpoint.status], icon=":material/hourglass_bottom:")
    if endpoint.failure_reason:
        _reason(endpoint)


def log_button(endpoint: Endpoint) -> None:
    """Opens the container's log where something went wrong."""
    is_wrong = bool(endpoint.failure_reason) or endpoint.status in _FAILED
    if (is_wrong or _is_late(endpoint)) and st.button(
        texts.LOG, key=f"log.{endpoint.name}", icon=":material/article:", type="tertiary"
    ):
        _show_log(endpoint.name)


def _is_late(endpoint: Endpoint) -> bool:
    return is_late(endpoint, datetime.now(UTC), embedded=studio().settings.embedded)


def _sentence(endpoint: Endpoint) -> str:
    age = formatting.time_since(endpoint.changed_at)
    if endpoint.is_held:
        return scaling_texts.HELD_NOTE
    if endpoint.is_at_zero and endpoint.accepts_jobs:
        return scaling_texts.at_zero(studio().settings)
    if endpoint.is_waking:
        return scaling_texts.waking(age, studio().settings)
    usual = usual_time(endpoint.status, embedded=studio().settings.embedded)
    return texts.state(endpoint, age, usual)


def _reason(endpoint: Endpoint) -> None:
    reason = endpoint.failure_reason
    step = studio().instance_choice.next_step(endpoint.instance_type, reason)
    st.error(formatting.escape(f"{reason} {step or advice_on(reason)}"))


def _show_log(name: str) -> None:
    """The dialog, with the endpoint's name as its title; read once, when it is opened."""

    @st.dialog(texts.log_title(name), width="large")
    def log() -> None:
        try:
            lines = studio().container_log.last_lines(user(), name)
        except ContrappostoError as error:
            st.error(formatting.escape(str(error)), icon=":material/error:")
            return
        if lines:
            st.code("\n".join(lines), language=None, wrap_lines=True, height=500)
        else:
            st.info(texts.NO_LOG, icon=":material/article:")

    log()
