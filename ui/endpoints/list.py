"""The endpoints as AWS describes them, live while one of them changes."""

from collections.abc import Mapping

import streamlit as st

from core.endpoints.scaling.reports import Leftover, ScalingReport
from core.endpoints.service import Endpoint, EndpointStatus
from core.errors import AwsError
from core.team.permissions import Action
from ui.components.question import answer_buttons
from ui.endpoints.costs import confirm_stop, costs_panel, limits_button, stopped_notices
from ui.endpoints.history.charts import charts_button
from ui.endpoints.leftovers import leftover_list, orphan_list, others_line
from ui.endpoints.scaling_panel import scaling_buttons, scaling_panel, scaling_state
from ui.endpoints.state_panel import log_button, state_panel
from ui.endpoints.stopped import stopped_list
from ui.endpoints.update_panel import update_button, update_panel
from ui.errors import attempt, show_old
from ui.polling import ENDPOINTS_SECONDS, SETTLED_ENDPOINTS_SECONDS, poll_while
from ui.state import may, studio, user
from ui.texts import common, formatting
from ui.texts import endpoints as texts
from ui.texts import lifecycle as lifecycle_texts

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
    is_pending = endpoint.scaling is not None and not endpoint.scaling_applied
    return endpoint.status not in _SETTLED or is_short or (is_pending and endpoint.is_scalable)


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
    reports, leftovers = _scaling(refresh=refresh)
    for endpoint in endpoints:
        _card(endpoint, reports.get(endpoint.name))
    others_line()
    stopped_list()
    leftover_list(leftovers)
    orphan_list()


def _scaling(*, refresh: bool) -> tuple[Mapping[str, ScalingReport], tuple[Leftover, ...]]:
    """The doctor's reports, and what is left over; a line where AWS does not tell."""
    scaling = studio().scaling
    try:
        reports, leftovers = scaling.reports(user(), refresh=refresh), scaling.leftovers()
    except AwsError as error:
        show_old(str(error))
        return {}, ()
    show_old(scaling.problem())
    return reports, leftovers


def _card(endpoint: Endpoint, report: ScalingReport | None) -> None:
    waits = endpoint.name in studio().deletion.waiting()
    with st.container(border=True, gap="small", key=f"endpoint-{endpoint.name}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{formatting.escape(endpoint.name)}**", width="content")
            own = endpoint.status.value, _TONES.get(endpoint.status, "blue")
            word, tone = scaling_state(endpoint) or own
            st.badge(word, color=tone)
            if not endpoint.is_asynchronous:
                st.badge(texts.KINDS[False], color="gray")
            if may(Action.DELETE, endpoint.item):
                st.space("stretch")
                _delete_button(endpoint, waits=waits)
        if waits and endpoint.status is not EndpointStatus.DELETING:
            _waiting_deletion(endpoint)
        with st.container(gap="xsmall"):
            state_panel(endpoint)
            update_panel(endpoint)
            scaling_panel(endpoint, report)
            costs_panel(endpoint)
        _actions(endpoint, report)


def _delete_button(endpoint: Endpoint, *, waits: bool) -> None:
    is_asked = st.button(
        common.DELETE,
        key=f"delete.{endpoint.name}",
        icon=":material/delete:",
        type="tertiary",
        disabled=endpoint.status is EndpointStatus.DELETING or waits,
        help=texts.DELETE_HELP,
    )
    if is_asked:
        _confirm(endpoint.name)


def _actions(endpoint: Endpoint, report: ScalingReport | None) -> None:
    """Everything that can be done to an endpoint or looked up of it, in one line.

    What is always there comes first, so that nothing moves away from a pointer.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        charts_button(endpoint.name)
        if may(Action.CHANGE, endpoint.item):
            limits_button(endpoint)
            scaling_buttons(endpoint, report)
            update_button(endpoint)
            if not endpoint.is_asynchronous:
                _stop_button(endpoint)
        log_button(endpoint)


def _stop_button(endpoint: Endpoint) -> None:
    """Of a real-time endpoint, which can't be at zero."""
    is_asked = st.button(
        texts.STOP,
        key=f"stop.{endpoint.name}",
        icon=":material/stop_circle:",
        type="tertiary",
        disabled=endpoint.status not in _SETTLED,
        help=texts.STOP_HELP,
    )
    if is_asked:
        confirm_stop(endpoint.name, is_kept=False)


def _waiting_deletion(endpoint: Endpoint) -> None:
    """A deletion that AWS refuses for now, with a way to take it back."""
    name = endpoint.name
    with st.container(horizontal=True, vertical_alignment="center"):
        said = lifecycle_texts.waits_for_deletion(studio().deletion.waiting()[name].problem)
        st.markdown(f":material/auto_delete: {formatting.escape(said)}", width="stretch")
        st.button(
            common.KEEP,
            key=f"keep.{name}",
            type="tertiary",
            on_click=attempt,
            args=(lambda: studio().deletion.withdraw(user(), name),),
            disabled=not may(Action.DELETE, endpoint.item),
        )


@st.dialog(texts.DELETE_QUESTION)
def _confirm(name: str) -> None:
    st.write(texts.deletion(formatting.escape(name)))
    answer_buttons("endpoints.delete", common.DELETE, lambda: studio().deletion.ask(user(), name))
