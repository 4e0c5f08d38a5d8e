"""Signs in and out: the page for somebody not signed in, and the button that ends a login."""

import html
import time
from functools import partial
from typing import Final

import streamlit as st

from core.settings import Identity, Settings
from core.team.users import User
from ui.auth.configuration import DEFAULT_PROVIDER, providers
from ui.auth.oidc import end_login
from ui.state import studio
from ui.texts import common, login
from ui.texts.formatting import escape

SIGN_OUT_ROUTE: Final = "/api/sign-out"
"""Ends a login of the load balancer; with `oidc` that is Streamlit's own."""

_RELOADS: Final = (login.HEADER_REFUSED, login.NO_HEADER, login.SIGNED_OUT)
"""Where the load balancer needs no more than to be asked anew."""


def sign_in_page(reason: str, settings: Settings) -> None:
    """The page for somebody who is not signed in; the address stays as it is, also over a login."""
    with st.container(key="guard", horizontal_alignment="center"):
        st.title(common.APP_NAME, anchor=False)
        st.write(escape(reason) or common.SIGN_IN_REASON)
        if settings.identity is Identity.OIDC:
            _provider_buttons()
        else:
            st.html(_link(login.SIGN_IN_AGAIN, "" if reason in _RELOADS else SIGN_OUT_ROUTE))
        if settings.operator:
            st.caption(login.run_by(escape(settings.operator)))


def _provider_buttons() -> None:
    for name in providers():
        label = common.SIGN_IN if name == DEFAULT_PROVIDER else login.sign_in_with(name)
        st.button(label, key=f"sign-in-{name}", type="primary", on_click=st.login, args=(name,))


def sign_out_button(user: User, settings: Settings) -> None:
    """What ends the login, in every tab of this browser."""
    if settings.identity is Identity.NONE:
        return
    with st.container(key="sign-out", horizontal_alignment="right"):
        if settings.identity is Identity.ALB:
            st.html(_link(login.SIGN_OUT, SIGN_OUT_ROUTE, login.signed_in_as(user.title)))
            return
        st.button(
            login.SIGN_OUT,
            icon=":material/logout:",
            type="tertiary",
            help=login.signed_in_as(escape(user.title)) if user.title else None,
            on_click=partial(sign_out, user, settings.session_seconds),
        )


def _link(text: str, address: str, title: str = "") -> str:
    """A link that stays in its tab, as Streamlit's own don't; an empty address is that of now."""
    attributes = f"href='{html.escape(address)}' title='{html.escape(title)}'"
    return f"<a class='sign-in-link' target='_self' {attributes}>{html.escape(text)}</a>"


def sign_out(user: User, session_seconds: float) -> None:
    """End the login here, in the browser and, where it offers that, at the provider."""
    studio().audit.sign_out(user)
    end_login(st.user.to_dict(), time.time(), session_seconds)
    st.session_state.clear()
    st.logout()
