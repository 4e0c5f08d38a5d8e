"""Set-up: what the account has, what is missing, and what can be created from here."""

from functools import partial

import streamlit as st

from ui.errors import attempt, show_notice
from ui.state import studio
from ui.texts import common
from ui.texts import setup as texts
from ui.texts.formatting import escape

st.title(common.SETUP, anchor=False)
st.caption(texts.ABOUT)
show_notice()

checks = studio().setup.checks()
narrow = st.container(key="narrow")
for check in checks:
    with narrow.container(horizontal=True, vertical_alignment="center"):
        mark = ":green[:material/check_circle:]" if check.ok else ":red[:material/cancel:]"
        st.markdown(f"{mark} **{escape(check.name)}**  \n{escape(check.detail)}", width="stretch")
        if check.action:
            create = partial(studio().setup.perform, check.action)
            st.button(texts.CREATE, key=check.action, on_click=attempt, args=(create,))
st.button(texts.CHECK_AGAIN, icon=":material/refresh:")
if all(check.ok for check in checks):
    st.success(texts.COMPLETE)
