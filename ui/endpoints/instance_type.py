"""The field that chooses an instance type, by what the account may have."""

import streamlit as st

from core.errors import AwsError
from ui.state import studio
from ui.texts import endpoints as texts
from ui.texts.formatting import escape


def instance_type_field(key: str) -> None:
    """The types with a quota first; below it, what the account may have of the chosen one."""
    choice = studio().instance_choice
    st.selectbox(
        texts.INSTANCE_TYPE,
        choice.offered(),
        key=key,
        format_func=lambda kind: texts.offered_type(kind, choice.quota(kind)),
    )
    if quota := choice.quota(st.session_state[key]):
        st.caption(texts.quota_note(quota))
        if not quota.instances:
            others = choice.alternatives(st.session_state[key])
            st.warning(escape(texts.quota_is_zero(others)), icon=":material/block:")


def shortage_problems(instance_type: str, error: AwsError) -> dict[str, str]:
    """What to do, at the field, where AWS has or gives no such instance."""
    words = f"{error.code} {error}"
    step = studio().instance_choice.next_step(instance_type, words)
    return {"instance_type": step} if step else {}
