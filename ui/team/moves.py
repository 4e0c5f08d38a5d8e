"""Removing a person with what is theirs, handing over what `local` made, and how far both are."""

from typing import Final

import streamlit as st

from core.team.administration.service import ListedPerson, PeoplePage
from core.team.users import LOCAL
from ui.components.question import answer_buttons
from ui.polling import MOVES_SECONDS
from ui.state import session_value, studio, user
from ui.texts.formatting import escape
from ui.texts.team import people as texts

_TYPED: Final = "team.remove.typed"
_TO: Final = "team.hand-over.to"


def moves_panel() -> None:
    """What is under way, looked at again every few seconds until it is done."""
    if studio().moves.open(user()):
        st.fragment(_open_moves, run_every=MOVES_SECONDS)()


def _open_moves() -> None:
    found = studio().moves.open(user())
    if not found:
        st.rerun()
    for each in found:
        said = texts.is_handed_over if each.move.to else texts.is_removed
        text = escape(said(each.move.title, each.left))
        if each.move.problem:
            st.warning(f"{text} {escape(each.move.problem)}", icon=":material/pending:")
        else:
            st.info(text, icon=":material/pending:")


def removal_button(each: ListedPerson) -> None:
    """Leads to the question, with what would be removed."""
    if st.button(texts.REMOVE, icon=":material/person_remove:", key="team.remove"):
        _confirm_removal(each)


@st.dialog(texts.REMOVE_QUESTION)
def _confirm_removal(each: ListedPerson) -> None:
    st.write(texts.REMOVE_NOTE)
    found = studio().moves.amounts(user(), each.name)
    st.write(escape(texts.removed_with(found)) if found else texts.HAS_NOTHING)
    st.text_input(texts.type_to_confirm(escape(each.shown)), key=_TYPED)
    answer_buttons("team.remove", texts.REMOVE, lambda: _remove(each.name))


def _remove(name: str) -> None:
    # What was typed last may have come together with the click: it is read now.
    studio().moves.remove_person(user(), name, session_value(_TYPED, str, ""))


def hand_over_button(page: PeoplePage) -> None:
    """Leads to the question of what was made before there was a login."""
    if st.button(texts.HAND_OVER, icon=":material/move_up:", key="team.hand-over"):
        _confirm_hand_over(page)


@st.dialog(texts.HAND_OVER_QUESTION)
def _confirm_hand_over(page: PeoplePage) -> None:
    found = studio().moves.amounts(user(), LOCAL.name)
    if not found:
        st.write(texts.NOTHING_OF_LOCAL)
        return
    st.write(texts.HAND_OVER_NOTE)
    st.write(escape(texts.amounts(found)))
    by_name = {each.name: each for each in page.people}
    st.selectbox(
        texts.HAND_OVER_TO,
        list(by_name),
        format_func=lambda name: by_name[name].shown,
        key=_TO,
    )
    answer_buttons("team.hand-over", texts.HAND_OVER_YES, _hand_over)


def _hand_over() -> None:
    studio().moves.hand_over(user(), session_value(_TO, str, ""))
