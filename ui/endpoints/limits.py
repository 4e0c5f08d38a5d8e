"""The menu in which an endpoint's budget and end date are set."""

import streamlit as st

from core.endpoints.costs.service import EndpointCosts, EndpointLimits
from core.errors import ContrappostoError
from ui.errors import messages_of, show_at, show_rest
from ui.state import studio, user
from ui.texts import costs as texts
from ui.texts.formatting import from_local_time, local_time

_KEY = "costs.limits."


def limits_menu(costs: EndpointCosts, *, has_budget: bool, has_end: bool) -> None:
    """A budget where money is counted, and an end date where AWS keeps none; the button saves both.

    Nothing where the endpoint has neither here.
    """
    if not has_budget and not has_end:
        return
    key = f"{_KEY}{costs.name}"
    _fill(key, costs.limits)
    problems: dict[str, str] = st.session_state.get(f"{key}.problems", {})
    with st.popover(texts.LIMITS, type="tertiary", icon=":material/speed:", key=f"{key}.menu"):
        show_rest(problems, "monthly_budget", "ends_at")
        if has_budget:
            st.number_input(
                texts.BUDGET, value=None, step=10.0, key=f"{key}.budget", help=texts.BUDGET_HELP
            )
            show_at(problems, "monthly_budget")
        if has_end:
            st.datetime_input(texts.ENDS_AT, value=None, key=f"{key}.end", help=texts.ENDS_AT_HELP)
            show_at(problems, "ends_at")
        st.caption(texts.GUARDED_BY_DASHBOARD)
        st.button(texts.SAVE, key=f"{key}.save", on_click=_save, args=(costs.name, key))


def _fill(key: str, limits: EndpointLimits) -> None:
    """Put what is kept into the fields: at first, and where somebody has changed it."""
    kept = (limits.monthly_budget, limits.ends_at)
    if st.session_state.get(f"{key}.kept") == kept:
        return
    end = limits.ends_at and local_time(limits.ends_at).replace(tzinfo=None)
    st.session_state[f"{key}.kept"] = kept
    st.session_state[f"{key}.budget"] = limits.monthly_budget
    st.session_state[f"{key}.end"] = end


def _save(name: str, key: str) -> None:
    budget = st.session_state.get(f"{key}.budget")
    end = st.session_state.get(f"{key}.end")
    try:
        studio().costs.set_limits(user(), name, budget, end and from_local_time(end))
    except ContrappostoError as error:
        st.session_state[f"{key}.problems"] = messages_of(error)
    else:
        st.session_state[f"{key}.problems"] = {}
