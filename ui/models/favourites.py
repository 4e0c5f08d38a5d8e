"""The favourites of who is signed in, asked once a run."""

import streamlit as st

from core.errors import AwsError
from core.models.files import ModelFile
from ui.errors import attempt
from ui.state import session_value, studio, user
from ui.texts.models import library as texts

_KNOWN = "library.favourites"


def favourites() -> frozenset[str]:
    """Keys of the models; where AWS does not answer, those of its last answer."""
    try:
        known = studio().models.favourites(user())
    except AwsError:
        return session_value(_KNOWN, frozenset, frozenset())
    st.session_state[_KNOWN] = known
    return known


def toggle_favourite(key: str) -> None:
    """From a callback or a component: add a model to the favourites, or take it out."""
    is_favourite = key in favourites()
    attempt(lambda: studio().models.set_favourite(user(), key, is_favourite=not is_favourite))


def favourite_button(file: ModelFile) -> None:
    """The star in a model's drawer."""
    is_favourite = file.key in favourites()
    st.button(
        texts.CARD_TEXTS["unstar" if is_favourite else "star"],
        icon=":material/star:" if is_favourite else ":material/star_border:",
        type="tertiary",
        key="library.star",
        on_click=toggle_favourite,
        args=(file.key,),
    )
