"""The wildcard seed of a form: what was typed, or one that the preview and the click have alike."""

from typing import Final

import streamlit as st

from core.jobs.preparing.requests import random_seed
from formats.generation.parameters import RANDOM_SEED
from ui.form.state import Form

FIELD: Final = "dynamic.wildcard_seed"


def wildcard_seed(form: Form) -> int:
    """The seed that a click has now: with a random one, that of the prompts on the page."""
    typed = form.get(FIELD)
    if typed not in {None, RANDOM_SEED}:
        return int(typed)
    key = form.key("dynamic.chosen_seed")
    if key not in st.session_state:
        st.session_state[key] = random_seed()
    return int(st.session_state[key])


def choose_again(form: Form) -> None:
    """After a click: another seed, where none was typed."""
    st.session_state.pop(form.key("dynamic.chosen_seed"), None)
