"""A tick before each change that something would make in the form."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from ui.form.filling.changes import FieldChange
from ui.texts.form import infotext as texts
from ui.texts.formatting import escape

_SHORT: Final = 60
"""Characters of both values that fit beside the label."""

_SHOWN: Final = 600


def tick_list(key: str, changes: Sequence[FieldChange]) -> None:
    """The changes, all of them ticked at first, and a button for all at once."""
    with st.container(key=key, gap="xsmall"):
        for number, change in enumerate(changes):
            _row(_key(key, number), change)
    all_ticked = len(ticked(key, changes)) == len(changes)
    st.button(
        texts.UNTICK_ALL if all_ticked else texts.TICK_ALL,
        key=f"{key}.all",
        type="tertiary",
        on_click=_tick_all,
        args=(key, len(changes), not all_ticked),
    )


def _row(key: str, change: FieldChange) -> None:
    """The label alone names the tick: a screen reader would read the Markdown of a value."""
    is_short = len(change.old) + len(change.new) <= _SHORT and "\n" not in change.new
    st.session_state.setdefault(key, True)
    with st.container(horizontal=is_short, gap="small", vertical_alignment="center"):
        st.checkbox(escape(change.label), key=key)
        if is_short:
            st.markdown(texts.change(escape(change.old), escape(change.new)), width="stretch")
        else:
            st.caption(texts.long_change(_cut(change.old), _cut(change.new)))


def ticked(key: str, changes: Sequence[FieldChange]) -> list[FieldChange]:
    """Those that are to be made."""
    state = st.session_state
    return [each for n, each in enumerate(changes) if state.get(_key(key, n), True)]


def _key(key: str, number: int) -> str:
    return f"{key}.{number}"


def _tick_all(key: str, count: int, value: bool) -> None:
    for number in range(count):
        st.session_state[_key(key, number)] = value


def _cut(text: str) -> str:
    return escape(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")
