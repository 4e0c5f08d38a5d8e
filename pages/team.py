"""Team: one's own account; for admins also people, keys, quotas, policy, messages and the audit."""

import streamlit as st

from ui.errors import show_notice
from ui.state import user
from ui.team.account import account_panel
from ui.team.sections import sections_of
from ui.texts import common
from ui.texts.team import people as texts

sections = sections_of(user())
st.title(common.TEAM if len(sections) > 1 else texts.MY_ACCOUNT, anchor=False)
show_notice()
if len(sections) > 1:
    shown = st.segmented_control(
        texts.SECTION,
        list(sections),
        default=texts.PEOPLE,
        required=True,
        key="team.section",
        label_visibility="collapsed",
    )
    sections.get(shown or texts.PEOPLE, account_panel)()
else:
    account_panel()
