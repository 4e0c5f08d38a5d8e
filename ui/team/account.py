"""One's own account: role, usage of this month, quotas and API keys."""

import streamlit as st

from ui.errors import last_known
from ui.state import studio, user
from ui.team.api_keys import my_keys_panel
from ui.team.quotas import my_quotas
from ui.texts import costs as cost_texts
from ui.texts.formatting import escape
from ui.texts.team import people as texts


def account_panel() -> None:
    """For everybody who is signed in."""
    who = user()
    with st.container(border=True):
        st.caption(texts.SIGNED_IN_AS)
        st.markdown(f"**{escape(who.title or who.name)}**")
        st.badge(who.role, color="gray")
        st.caption(texts.ROLE_HELP[who.role])
    _usage()
    my_quotas()
    my_keys_panel()


def _usage() -> None:
    who = user()
    month = last_known("usage", who.name, lambda: studio().costs.month_of(who, who.name))
    st.subheader(texts.THIS_MONTH, anchor=False)
    with st.container(horizontal=True):
        st.metric(texts.JOBS, month.jobs)
        st.metric(texts.IMAGES, month.images)
        if not studio().costs.is_free:
            st.metric(texts.COST, cost_texts.amount(month.spend))
