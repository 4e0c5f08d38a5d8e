"""Decides who may see a page; every run asks here before any page runs."""

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from core.access import LOCAL, User
from formats.limits import MAX_NAME
from ui.texts import common as texts


def login_configured() -> bool:
    """Whether secrets.toml has an `[auth]` section, Streamlit's way to an OpenID provider."""
    try:
        return "auth" in st.secrets
    except StreamlitSecretNotFoundError:
        return False


def current_user() -> User | None:
    """The user, `LOCAL` where no login is configured, or None for somebody not signed in."""
    if not login_configured():
        return LOCAL
    if not st.user.get("is_logged_in"):
        return None
    name = str(st.user.get("email") or st.user.get("sub") or "")
    return User(name=name[:MAX_NAME]) if name else None


def sign_in_page() -> None:
    """The page for somebody who is not signed in; the address stays as it is."""
    with st.container(key="guard", horizontal_alignment="center"):
        st.title(texts.APP_NAME, anchor=False)
        st.write(texts.SIGN_IN_REASON)
        st.button(texts.SIGN_IN, type="primary", on_click=st.login)
