"""The endpoints that were stopped, each with a button that starts it again as it was."""

from functools import partial

import streamlit as st

from core.endpoints.real_time.orders import EndpointOrder
from core.errors import AwsError
from core.team.permissions import Kind
from ui.errors import attempt, show_old
from ui.state import may_create, studio, user
from ui.texts import endpoints as texts
from ui.texts.formatting import date_time, escape


def stopped_list() -> None:
    """Nothing where none was stopped."""
    try:
        orders = studio().orders.stopped(user())
    except AwsError as error:
        show_old(str(error))
        return
    if not orders:
        return
    with st.container(key="stopped"):
        st.subheader(texts.STOPPED, anchor=False)
        for order in orders:
            _row(order)


def _row(order: EndpointOrder) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        stopped_at = date_time(order.stopped_at)
        st.markdown(escape(texts.stopped(order, stopped_at)), width="stretch")
        st.button(
            texts.START_AGAIN,
            key=f"start.{order.name}",
            icon=":material/play_circle:",
            on_click=attempt,
            args=(partial(_start, order.name),),
            disabled=not may_create(Kind.ENDPOINT),
        )
        st.button(
            texts.FORGET,
            key=f"forget.{order.name}",
            icon=":material/close:",
            type="tertiary",
            help=texts.FORGET_HELP,
            on_click=attempt,
            args=(partial(_forget, order.name),),
            disabled=not may_create(Kind.ENDPOINT),
        )


def _start(name: str) -> None:
    studio().orders.start(user(), name)


def _forget(name: str) -> None:
    studio().orders.forget(user(), name)
