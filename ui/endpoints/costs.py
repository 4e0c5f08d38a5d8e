"""What an endpoint costs, on its card: spend, idle time with a way to stop it, and limits."""

from datetime import UTC, datetime
from typing import Final

import streamlit as st

from core.endpoints.costs.ledger import month_of
from core.endpoints.costs.service import EndpointCosts, EndpointLimits
from core.endpoints.service import Endpoint
from core.team.permissions import Action
from ui.components.question import answer_buttons
from ui.endpoints.limits import limits_menu
from ui.errors import attempt
from ui.state import may, studio, user
from ui.texts import costs as texts
from ui.texts.formatting import date_time, escape

_IDLE_SECONDS: Final = 1800
"""From here on an endpoint that has no jobs is pointed out."""


def costs_panel(endpoint: Endpoint) -> None:
    """Below the state of an endpoint."""
    costs = studio().costs.of(endpoint)
    st.caption(escape(_spent(costs)))
    _limits_line(costs)
    _held_line(endpoint, costs.limits)
    _guard(endpoint, costs.limits)
    if not studio().costs.is_free:
        _idle_line(endpoint, costs)


def limits_button(endpoint: Endpoint) -> None:
    """Opens the menu with the limits."""
    costs = studio().costs.of(endpoint)
    # AWS keeps the end date of a scaling order; one that was set here before can be taken back.
    has_end = not endpoint.scaling or costs.limits.ends_at is not None
    limits_menu(costs, has_budget=not studio().costs.is_free, has_end=has_end)


def _spent(costs: EndpointCosts) -> str:
    if studio().costs.is_free:
        return texts.FREE
    if costs.busy_at is None:
        return texts.NOT_COUNTED
    return texts.spend(costs.since_start, costs.this_month)


def stopped_notices(names: set[str]) -> None:
    """Which endpoints a limit stopped that are not there any more."""
    for stopped in studio().costs.stopped():
        if stopped.name not in names:
            st.info(escape(texts.stopped(stopped)), icon=":material/timer_off:")


def _limits_line(costs: EndpointCosts) -> None:
    limits, share = costs.limits, costs.budget_share
    if limits.problem:
        st.error(escape(limits.problem), icon=":material/error:")
    if limits.monthly_budget is not None and costs.price is None:
        st.warning(texts.BUDGET_WITHOUT_PRICE, icon=":material/money_off:")
    elif limits.monthly_budget is not None and share is not None:
        _budget(share, limits.monthly_budget, is_near=costs.is_near_budget)


def _budget(share: float, budget: float, *, is_near: bool) -> None:
    used = texts.budget_used(share, budget)
    if is_near:
        said = texts.budget_warning(share, budget)
        st.warning(escape(said), icon=":material/savings:")
    st.progress(min(share, 1.0), None if is_near else escape(used))


def _held_line(endpoint: Endpoint, limits: EndpointLimits) -> None:
    """The way on for an endpoint that its budget stopped."""
    if endpoint.is_held and may(Action.CHANGE, endpoint.item):
        st.button(
            texts.GO_ON,
            key=f"costs.go_on.{endpoint.name}",
            icon=":material/play_circle:",
            help=texts.GO_ON_HELP,
            on_click=attempt,
            args=(lambda: studio().costs.go_on(user(), endpoint.name),),
        )
    elif limits.monthly_budget is not None and limits.lifted_in == month_of(datetime.now(UTC)):
        st.caption(texts.LIFTED)


def _guard(endpoint: Endpoint, limits: EndpointLimits) -> None:
    """Who stops it, the dashboard or AWS: the page must not promise what nobody does."""
    end = texts.ends_at(date_time(limits.ends_at)) if limits.ends_at else ""
    if end or limits.monthly_budget is not None:
        st.caption(escape(f"{end} {texts.GUARDED_BY_DASHBOARD}".strip()))
    if endpoint.scaling and endpoint.scaling.ends_at and not endpoint.has_ended:
        st.caption(texts.END_GUARDED_BY_AWS)


def _idle_line(endpoint: Endpoint, costs: EndpointCosts) -> None:
    """The way to stop an endpoint that costs money and has nothing to do."""
    if costs.busy_at is None or not endpoint.instances:
        return
    seconds = (datetime.now(UTC) - costs.busy_at).total_seconds()
    if seconds < _IDLE_SECONDS:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/bedtime: {escape(texts.idle(seconds, costs.since_busy))}")
        st.space("stretch")
        stop = may(Action.DELETE, endpoint.item) and st.button(
            texts.STOP, key=f"costs.stop.{endpoint.name}", icon=":material/stop_circle:"
        )
    if stop:
        confirm_stop(endpoint.name, endpoint.stops_at_zero)


@st.dialog(texts.STOP_QUESTION)
def confirm_stop(name: str, is_kept: bool) -> None:
    """Ask, and stop the endpoint; `is_kept` says that it goes to zero instances."""
    note = texts.stop_at_zero_note if is_kept else texts.stop_note
    st.write(note(escape(name)))
    answer_buttons("endpoints.stop", texts.STOP, lambda: studio().costs.stop(user(), name))
