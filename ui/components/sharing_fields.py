"""The fields in which the owner of a job or a pose says who else may see it."""

from typing import Final, NamedTuple

import streamlit as st

from core.errors import AwsError
from core.team.permissions import Visibility
from core.team.sharing import MAX_SHARED
from ui.errors import show_old
from ui.state import studio, user
from ui.texts.team import sharing as texts

_VISIBILITY: Final = "share.visibility"
_PEOPLE: Final = "share.people"


class Chosen(NamedTuple):
    """What the fields say."""

    visibility: Visibility
    people: tuple[str, ...]


def has_others() -> bool:
    """Whether there is anybody to hide things from, or to show them to."""
    return not studio().access.allows_all


def title_of(name: str) -> str:
    """What is shown of somebody; the name where nothing better is known now."""
    if not has_others():
        return name
    try:
        return studio().colleagues.titles().get(name, name)
    except AwsError:
        return name


def fill_sharing(visibility: Visibility, people: tuple[str, ...]) -> None:
    """Put what is stored into the fields."""
    st.session_state[_VISIBILITY] = visibility
    st.session_state[_PEOPLE] = list(people)


def sharing_fields() -> None:
    """Everybody in the team, or the owner and the people whom they name."""
    st.radio(
        texts.VISIBILITY,
        list(Visibility),
        key=_VISIBILITY,
        format_func=texts.VISIBILITIES.get,
        label_visibility="collapsed",
    )
    if st.session_state[_VISIBILITY] is Visibility.PRIVATE:
        _people()


def _people() -> None:
    """Those whom it is shared with stay on offer, also where they left the team."""
    try:
        titles = studio().colleagues.titles()
    except AwsError as error:
        show_old(str(error))
        titles = {}
    others = [name for name in titles if name != user().name]
    gone = [name for name in st.session_state.get(_PEOPLE, ()) if name not in titles]
    st.multiselect(
        texts.PEOPLE,
        sorted(others, key=lambda name: titles[name].casefold()) + gone,
        key=_PEOPLE,
        max_selections=MAX_SHARED,
        format_func=lambda name: titles.get(name, name),
        placeholder=texts.NOBODY,
    )


def chosen_sharing() -> Chosen:
    """What the fields say now."""
    visibility = st.session_state[_VISIBILITY]
    is_private = visibility is Visibility.PRIVATE
    return Chosen(visibility, tuple(st.session_state.get(_PEOPLE, ())) if is_private else ())
