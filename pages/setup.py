"""Set-up: what the account has, what is missing, and what can be created from here."""

from functools import partial

import streamlit as st

from ui.errors import attempt, show_notice
from ui.state import studio
from ui.texts.formatting import escape

st.title("Set-up", anchor=False)
st.caption("What this dashboard needs on AWS. Nothing is created unless you say so.")
show_notice()

checks = studio().setup.checks()
narrow = st.container(key="narrow")
for check in checks:
    with narrow.container(horizontal=True, vertical_alignment="center"):
        mark = ":green[:material/check_circle:]" if check.ok else ":red[:material/cancel:]"
        st.markdown(f"{mark} **{escape(check.name)}**  \n{escape(check.detail)}", width="stretch")
        if check.action:
            create = partial(studio().setup.perform, check.action)
            st.button("Create it", key=check.action, on_click=attempt, args=(create,))
st.button("Look again", icon=":material/refresh:")
if all(check.ok for check in checks):
    st.success("Everything is in place.")
