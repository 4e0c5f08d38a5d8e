"""The price of an hour in the form, and setting it by hand."""

import streamlit as st

from core.endpoints.costs.service import Price
from core.errors import ContrappostoError
from formats.instance_hosts import types_of
from ui.errors import messages_of, show_rest
from ui.state import studio, user
from ui.texts import costs as texts
from ui.texts.formatting import escape

_PROBLEMS = "costs.price.problems"
_PRICE = "costs.price."


def price_line(instance_type: str, minimum: int) -> None:
    """What an instance costs, of several types the dearest, and what those cost that are always
    kept running."""
    costs = studio().costs
    if costs.is_free:
        st.caption(texts.FREE)
        return
    found = costs.price(instance_type)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            escape(_said(found, instance_type, minimum)), help=escape(costs.price_problem()) or None
        )
        with st.popover(texts.PRICE, type="tertiary", icon=":material/edit:"):
            _price_field(found.instance_type if found else _unpriced(instance_type))


def _said(found: Price | None, instance_type: str, minimum: int) -> str:
    if found is None:
        return texts.price_is_unknown(_unpriced(instance_type))
    said = texts.price(found)
    return f"{said} · {texts.idle_price(found, minimum)}" if minimum > 0 else said


def _unpriced(instance_type: str) -> str:
    """The first type whose price is unknown."""
    costs = studio().costs
    return next(kind for kind in types_of(instance_type) if costs.price(kind) is None)


def _price_field(instance_type: str) -> None:
    problems: dict[str, str] = st.session_state.get(_PROBLEMS, {})
    show_rest(problems)
    key = f"{_PRICE}{instance_type}"
    label = texts.price_of_hour(instance_type)
    st.number_input(label, value=None, step=0.01, format="%.4f", key=key)
    st.caption(texts.PRICE_NOTE)
    st.button(texts.SAVE, key="costs.price.save", on_click=_save, args=(instance_type,))


def _save(instance_type: str) -> None:
    per_hour = st.session_state.get(f"{_PRICE}{instance_type}")
    try:
        studio().costs.set_price(user(), instance_type, per_hour)
    except ContrappostoError as error:
        st.session_state[_PROBLEMS] = messages_of(error)
    else:
        st.session_state[_PROBLEMS] = {}
