"""The team's policy, as an admin reads and changes it."""

from typing import Final

import streamlit as st

from core.team.permissions import Visibility
from core.team.policy import TeamPolicy, clean_patterns, clean_words
from core.team.users import Role
from ui.errors import attempt
from ui.state import session_value, studio, user
from ui.texts.team import policy as texts

_SHOWN: Final = "team.policy.shown"
"""The policy that the fields began from: another admin's change is not overwritten."""

_VISIBILITY: Final = "team.policy.visibility"
_PUBLIC_LINKS: Final = "team.policy.public_links"
_WORDS: Final = "team.policy.words"
_HEIGHT: Final = 140


def policy_panel() -> None:
    """A form of the whole policy."""
    _fill(studio().policy.of())
    st.caption(texts.ABOUT)
    with st.form("team.policy", border=False):
        st.segmented_control(
            texts.VISIBILITY,
            list(Visibility),
            format_func=lambda one: texts.VISIBILITIES[one],
            required=True,
            key=_VISIBILITY,
        )
        st.checkbox(texts.PUBLIC_LINKS, key=_PUBLIC_LINKS, help=texts.PUBLIC_LINKS_HELP)
        st.text_area(texts.BLOCKED_WORDS, key=_WORDS, height=_HEIGHT, help=texts.BLOCKED_WORDS_HELP)
        st.markdown(f"**{texts.CHECKPOINTS}**")
        st.caption(texts.CHECKPOINTS_HELP)
        for column, role in zip(st.columns(len(Role)), Role, strict=True):
            column.text_area(
                texts.checkpoints_of(role),
                key=_patterns_key(role),
                height=_HEIGHT,
                placeholder=texts.CHECKPOINTS_PLACEHOLDER,
            )
        st.form_submit_button(texts.SAVE, type="primary", on_click=attempt, args=(_save,))


def _patterns_key(role: Role) -> str:
    return f"team.policy.checkpoints.{role}"


def _fill(policy: TeamPolicy) -> None:
    """Put what holds into the fields: at first, where another admin changed it, and where the
    page was left, which forgets its fields."""
    state = st.session_state
    if state.get(_SHOWN) == policy and _WORDS in state:
        return
    state[_SHOWN] = policy
    state[_VISIBILITY] = policy.job_visibility
    state[_PUBLIC_LINKS] = policy.public_links
    state[_WORDS] = "\n".join(policy.blocked_words)
    for role in Role:
        state[_patterns_key(role)] = "\n".join(policy.checkpoints.get(role, ()))


def _save() -> None:
    state = st.session_state
    before = session_value(_SHOWN, TeamPolicy) or TeamPolicy()
    patterns = {role: clean_patterns(state[_patterns_key(role)].splitlines()) for role in Role}
    after = TeamPolicy(
        job_visibility=state[_VISIBILITY],
        public_links=state[_PUBLIC_LINKS],
        blocked_words=clean_words(state[_WORDS].splitlines()),
        checkpoints={role: found for role, found in patterns.items() if found},
    )
    studio().policy.change(user(), before, after)
    st.toast(texts.SAVED)
