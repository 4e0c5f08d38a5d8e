"""What is left of endpoints that are no more, with a button to remove it: what scaled them, and on
request their configurations and models; and who else's endpoints write to the bucket."""

from functools import partial
from typing import Final

import streamlit as st

from core.endpoints.lifecycle.orphans import Orphan
from core.endpoints.scaling.reports import Leftover
from core.errors import AwsError
from core.team.permissions import Action, Item, Kind
from ui.errors import attempt, show_old
from ui.state import may, studio, user
from ui.texts import formatting
from ui.texts import lifecycle as lifecycle_texts
from ui.texts import scaling as texts

_NOBODYS: Final = Item(kind=Kind.ENDPOINT)


def leftover_list(leftovers: tuple[Leftover, ...]) -> None:
    """Nothing where nothing is left."""
    if not (leftovers and may(Action.DELETE, _NOBODYS)):
        return
    st.subheader(texts.LEFTOVERS, anchor=False, help=texts.LEFTOVERS_HELP)
    for one in leftovers:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(formatting.escape(texts.leftover(one)), width="stretch")
            st.button(
                texts.CLEAN,
                key=f"clean.{one.endpoint}",
                icon=":material/delete_sweep:",
                type="tertiary",
                on_click=attempt,
                args=(partial(_clean, one.endpoint),),
            )


def _clean(name: str) -> None:
    studio().scaling.clean(user(), name)


def orphan_list() -> None:
    """Read only while the switch is on: an account may have hundreds of models."""
    if not may(Action.DELETE, _NOBODYS):
        return
    if not st.toggle(lifecycle_texts.ORPHANS, key="endpoints.orphans"):
        return
    try:
        orphans = studio().orphans.list()
    except AwsError as error:
        show_old(str(error))
        return
    show_old(studio().orphans.problem())
    st.caption(lifecycle_texts.ORPHANS_NOTE if orphans else lifecycle_texts.NO_ORPHANS)
    for one in orphans:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            created = formatting.date_time(one.created_at)
            said = lifecycle_texts.orphan(one, created)
            st.markdown(formatting.escape(said), width="stretch")
            st.button(
                texts.CLEAN,
                key=f"orphan.{one.kind.name}.{one.name}",
                icon=":material/delete_sweep:",
                type="tertiary",
                on_click=attempt,
                args=(partial(_remove, one),),
            )


def _remove(orphan: Orphan) -> None:
    studio().orphans.remove(user(), orphan)


def others_line() -> None:
    """Endpoints of others that write to the same bucket."""
    if others := studio().endpoints.of_others(user()):
        st.caption(formatting.escape(lifecycle_texts.of_others(others)))
