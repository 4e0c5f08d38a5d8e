"""The choice between an asynchronous and a real-time endpoint, with what each comes with."""

from typing import Final

import streamlit as st

from ui.endpoints.prices import price_line
from ui.endpoints.scaling_fields import mark_drawn, put_back, read_fields, scaling_fields
from ui.errors import show_at
from ui.state import studio, user
from ui.texts import endpoints as texts
from ui.texts.formatting import escape

_ASYNCHRONOUS: Final = "endpoints.asynchronous"
_FIXED: Final = "endpoints.fixed"
_INSTANCES: Final = f"{_FIXED}.instances"


def kind_fields(prefix: str, instance_type: str, problems: dict[str, str]) -> None:
    """The kind; then scaling, or the number of instances that never ends by itself."""
    st.session_state.setdefault(_ASYNCHRONOUS, True)
    st.radio(
        texts.KIND,
        (True, False),
        key=_ASYNCHRONOUS,
        horizontal=True,
        format_func=lambda is_asynchronous: texts.KINDS[is_asynchronous],
        captions=[texts.ASYNCHRONOUS_NOTE, texts.REAL_TIME_NOTE],
    )
    if st.session_state[_ASYNCHRONOUS]:
        scaling_fields(prefix, problems)
        price_line(instance_type, st.session_state[f"{prefix}.minimum"] or 0)
        return
    put_back(_FIXED, {"instances": 1})
    mark_drawn(_FIXED, ["instances"])
    with st.columns(4)[0]:
        st.number_input(texts.INSTANCES, key=_INSTANCES, step=1)
    show_at(problems, "instances")
    price_line(instance_type, 0)
    _idle_cost(instance_type)


def create_endpoint(prefix: str, name: str, instance_type: str) -> None:
    """Create what the fields say. Raises InvalidInput, Conflict, AwsError."""
    state = st.session_state
    if state[_ASYNCHRONOUS]:
        studio().scaling.create(user(), name, instance_type, read_fields(prefix))
    else:
        count = state[_INSTANCES] or 0
        endpoints = studio().endpoints
        endpoints.create(user(), name, instance_type, count, is_asynchronous=False)


def problem_fields() -> tuple[str, ...]:
    """The fields that a problem may stand at, beside those of the scaling."""
    return () if st.session_state.get(_ASYNCHRONOUS, True) else ("instances",)


def _idle_cost(instance_type: str) -> None:
    """What it costs while nobody uses it: nothing but a person ever stops it."""
    costs = studio().costs
    if not costs.is_free:
        price, count = costs.price(instance_type), st.session_state[_INSTANCES] or 0
        st.warning(
            escape(texts.idle_cost(price.per_hour if price else None, count)),
            icon=":material/payments:",
        )
