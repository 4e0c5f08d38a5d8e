"""The jobs before and after the one that is shown, in the order of the list beside it."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import streamlit as st

from ui.jobs.list.selection import select_next
from ui.state import session_value

_LISTED: Final = "jobs.listed"


class Neighbours(NamedTuple):
    """Their ids; empty at an end of the list, and where the page has no list."""

    before: str = ""
    after: str = ""


def note_listed(job_ids: Sequence[str]) -> None:
    """Tell which jobs the list shows, in its order."""
    st.session_state[_LISTED] = tuple(job_ids)


def listed() -> tuple[str, ...]:
    """The jobs that the list shows."""
    return session_value(_LISTED, tuple, ())


def neighbours_of(job_id: str) -> Neighbours:
    """Those of a job in the list; none of one that is not in it."""
    ids = listed()
    if job_id not in ids:
        return Neighbours()
    at = ids.index(job_id)
    return Neighbours(
        before=ids[at - 1] if at else "", after=ids[at + 1] if at + 1 < len(ids) else ""
    )


def go_to_neighbour(job_id: str, by: int) -> None:
    """From a callback: show the job before (-1) or after (1)."""
    before, after = neighbours_of(job_id)
    if found := after if by > 0 else before:
        select_next(found)
