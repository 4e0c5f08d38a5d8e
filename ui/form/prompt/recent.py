"""Keeps the last prompts that a person generated with, to be recalled in the prompt box."""

from itertools import accumulate
from typing import Final

import streamlit as st
from pydantic import ValidationError

from formats.frozen import Tolerant
from ui.form.state import Form
from ui.form.storage import form_storage
from ui.state import session_value, user

MOST_RECENT: Final = 50
MOST_CHARACTERS: Final = 40_000
"""Of all of them: they travel to the browser with a page."""

_FORM, _FILE = "prompts", "recent.json"
_KEPT: Final = "prompts.recent"


class RecentPrompts(Tolerant):
    """The newest first, each once."""

    prompt: tuple[str, ...] = ()
    negative_prompt: tuple[str, ...] = ()

    def of(self, box: str) -> list[str]:
        """Those of one box."""
        return list(getattr(self, box))

    def with_used(self, prompt: str, negative_prompt: str) -> "RecentPrompts":
        """The same with what was used just now in front."""
        return RecentPrompts(
            prompt=_in_front(self.prompt, prompt),
            negative_prompt=_in_front(self.negative_prompt, negative_prompt),
        )


def _in_front(texts: tuple[str, ...], used: str) -> tuple[str, ...]:
    if not used.strip() or len(used) > MOST_CHARACTERS:
        return texts
    wanted = (used, *(text for text in texts if text != used))[:MOST_RECENT]
    ends = accumulate(map(len, wanted))
    return tuple(text for text, end in zip(wanted, ends, strict=True) if end <= MOST_CHARACTERS)


def recent_prompts() -> RecentPrompts:
    """What this person generated with, on any form and any day."""
    kept = session_value(_KEPT, RecentPrompts)
    if kept is None:
        data = form_storage().file(user(), _FORM, _FILE)
        kept = _read(data) if data else RecentPrompts()
        st.session_state[_KEPT] = kept
    return kept


def _read(data: bytes) -> RecentPrompts:
    try:
        return RecentPrompts.model_validate_json(data)
    except ValidationError:  # of a version to come
        return RecentPrompts()


def remember_prompts(form: Form) -> None:
    """What the form says was sent just now."""
    st.session_state.pop(_KEPT, None)  # another tab may have sent something since
    used = recent_prompts().with_used(form.get("prompt") or "", form.get("negative_prompt") or "")
    st.session_state[_KEPT] = used
    form_storage().keep_file(user(), _FORM, _FILE, used.model_dump_json().encode())
