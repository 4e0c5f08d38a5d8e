"""The fields that choose instance types, by what the account may have."""

import streamlit as st

from core.endpoints.instance_pools import MAX_TYPES, joined
from core.errors import AwsError
from formats.instance_hosts import types_of
from ui.state import studio
from ui.texts import endpoints as texts
from ui.texts.formatting import escape


def instance_type_field(key: str) -> None:
    """The types with a quota first; below it, what the account may have of the chosen one, and the
    other types that are taken where AWS has none left."""
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
    st.multiselect(
        texts.OTHER_TYPES,
        choice.offered(),
        key=f"{key}.others",
        max_selections=MAX_TYPES - 1,
        help=texts.OTHER_TYPES_HELP,
    )


def fill_types(key: str, instance_type: str) -> None:
    """Put an endpoint's types into the fields."""
    first, *others = types_of(instance_type)
    st.session_state[key] = first
    st.session_state[f"{key}.others"] = others


def chosen_types(key: str) -> str:
    """The endpoint's instance type as the fields say it: one, or several in order."""
    others = st.session_state.get(f"{key}.others", ())
    return joined((st.session_state[key], *others))


def shortage_problems(instance_type: str, error: AwsError) -> dict[str, str]:
    """What to do, at the field, where AWS has or gives no such instance."""
    words = f"{error.code} {error}"
    step = studio().instance_choice.next_step(instance_type, words)
    return {"instance_type": step} if step else {}
