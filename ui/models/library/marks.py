"""What is known of models beside them: whose favourites they are, and which are in use."""

import streamlit as st

from core.errors import AwsError
from core.models.metadata.facets import Marks
from ui.models.favourites import favourites
from ui.state import session_value, studio, user

_IN_USE = "library.in_use"


def current_marks() -> Marks:
    """Of who is signed in; where AWS does not answer, those of its last answer."""
    return Marks(favourites=favourites(), in_use=_in_use())


def _in_use() -> frozenset[str]:
    try:
        known = studio().models.in_use(user())
    except AwsError:
        return session_value(_IN_USE, frozenset, frozenset())
    st.session_state[_IN_USE] = known
    return known
