"""Signs in and out: the page for somebody not signed in, and the button that ends a login."""

import time
from functools import partial
from typing import Final

import streamlit as st

from ui.auth.configuration import DEFAULT_PROVIDER, providers
from ui.auth.visitor import Visitor, end_login
from ui.components import mount
from ui.texts import common, login
from ui.texts.formatting import escape

_RETURN: Final = "return_address"


def sign_in_page(reason: str) -> None:
    """The page for somebody who is not signed in; the address stays as it is, also over a login."""
    with st.container(key="guard", horizontal_alignment="center"):
        st.title(common.APP_NAME, anchor=False)
        st.write(reason or common.SIGN_IN_REASON)
        for name in providers():
            label = common.SIGN_IN if name == DEFAULT_PROVIDER else login.sign_in_with(name)
            st.button(label, key=f"sign-in-{name}", type="primary", on_click=st.login, args=(name,))
        mount(_RETURN, _RETURN, {}, height=0)


def sign_out_button(visitor: Visitor, session_seconds: float) -> None:
    """The button that ends the login, in every tab of this browser."""
    if not providers():
        return
    with st.container(key="sign-out", horizontal_alignment="right"):
        st.button(
            login.SIGN_OUT,
            icon=":material/logout:",
            type="tertiary",
            help=login.signed_in_as(escape(visitor.email)) if visitor.email else None,
            on_click=partial(sign_out, session_seconds),
        )


def sign_out(session_seconds: float) -> None:
    """End the login here, in the browser and, where it offers that, at the provider."""
    end_login(st.user.to_dict(), time.time(), session_seconds)
    st.session_state.clear()
    st.logout()
