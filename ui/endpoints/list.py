"""The endpoints as AWS describes them, live while one of them changes."""

import streamlit as st

from core.endpoints.service import Endpoint, EndpointStatus
from ui.endpoints.costs import costs_panel, stopped_notices
from ui.errors import attempt, show_old
from ui.polling import ENDPOINTS_SECONDS, SETTLED_ENDPOINTS_SECONDS, poll_while
from ui.state import studio, user
from ui.texts import common, formatting
from ui.texts import endpoints as texts

_TONES: dict[EndpointStatus, formatting.Tone] = {
    EndpointStatus.IN_SERVICE: "green",
    EndpointStatus.FAILED: "red",
    EndpointStatus.UPDATE_ROLLBACK_FAILED: "red",
    EndpointStatus.OUT_OF_SERVICE: "gray",
}
_SETTLED = frozenset(_TONES)


def _is_any_changing() -> bool:
    return any(map(_is_changing, studio().endpoints.list(user())))


def _is_changing(endpoint: Endpoint) -> bool:
    """Whether it is on its way to another state, or an instance is being replaced."""
    is_short = endpoint.accepts_jobs and endpoint.instances != endpoint.desired
    return endpoint.status not in _SETTLED or is_short


@poll_while(_is_any_changing, every=ENDPOINTS_SECONDS, otherwise=SETTLED_ENDPOINTS_SECONDS)
def endpoint_list() -> None:
    """A card for each."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(texts.LIST_TITLE, anchor=False)
        refresh = st.button(common.REFRESH, icon=":material/refresh:", key="endpoints.refresh")
    endpoints = studio().endpoints.list(user(), refresh=refresh)
    show_old(studio().endpoints.listing_problem())
    show_old(studio().costs.problem())
    stopped_notices({endpoint.name for endpoint in endpoints})
    if not endpoints:
        with st.container(key="empty", horizontal_alignment="center"):
            st.markdown(f"#### {texts.EMPTY_TITLE}", anchors=False)
            st.caption(texts.EMPTY)
    for endpoint in endpoints:
        _card(endpoint)


def _card(endpoint: Endpoint) -> None:
    with st.container(border=True, key=f"endpoint-{endpoint.name}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{formatting.escape(endpoint.name)}**", width="content")
            st.badge(endpoint.status.value, color=_TONES.get(endpoint.status, "blue"))
            st.space("stretch")
            delete = st.button(
                common.DELETE,
                key=f"delete.{endpoint.name}",
                icon=":material/delete:",
                type="tertiary",
                disabled=endpoint.status not in _SETTLED,
                help=texts.DELETE_HELP,
            )
        st.caption(_sentence(endpoint))
        if endpoint.failure_reason:
            st.error(formatting.escape(endpoint.failure_reason))
        costs_panel(endpoint)
    if delete:
        _confirm(endpoint.name)


def _sentence(endpoint: Endpoint) -> str:
    age = formatting.time_since(endpoint.changed_at)
    if endpoint.status is EndpointStatus.CREATING:
        return texts.starting(endpoint, age, studio().settings)
    if endpoint.accepts_jobs and endpoint.instances < endpoint.desired:
        return texts.state_short_of_instances(endpoint, age)
    return texts.state(endpoint, age)


@st.dialog(texts.DELETE_QUESTION)
def _confirm(name: str) -> None:
    st.write(texts.deletion(formatting.escape(name)))
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(common.KEEP, key="endpoints.delete.no"):
            st.rerun()
        if st.button(
            common.DELETE,
            type="primary",
            key="endpoints.delete.yes",
            on_click=attempt,
            args=(lambda: studio().endpoints.delete(user(), name),),
        ):
            st.rerun()
