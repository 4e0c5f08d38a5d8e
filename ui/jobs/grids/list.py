"""The user's grids on the page Jobs: chosen by time and axes, each with its live sheet."""

import streamlit as st

from core.jobs.grids.records import Grid
from ui.errors import attempt, last_known
from ui.jobs.grids.result import Closing, grid_view
from ui.state import studio, user
from ui.texts import formatting
from ui.texts.form import form as texts


def grid_list() -> None:
    """An expander; what is in it is asked for once it is open."""
    panel = st.expander(
        texts.GRIDS, icon=":material/grid_on:", key="jobs.grids.open", on_change="rerun"
    )
    if panel.open:
        with panel:
            _choice()


def _choice() -> None:
    read = last_known("jobs.grids", user().name, lambda: studio().grids.page(user()).records)
    grids = {record.id: record.value for record in read}
    if not grids:
        st.caption(texts.NO_GRIDS)
        return
    chosen = st.selectbox(
        texts.SHOW_GRID,
        list(grids),
        format_func=lambda grid_id: _title(grids[grid_id]) if grid_id in grids else grid_id,
        key="jobs.grid",
        label_visibility="collapsed",
    )
    if chosen in grids:
        forget = Closing(texts.FORGET_GRID, texts.FORGET_GRID_HELP, lambda: _forget(chosen))
        grid_view(chosen, forget)


def _forget(grid_id: str) -> None:
    attempt(lambda: studio().grids.forget(user(), grid_id))


def _title(grid: Grid) -> str:
    title = texts.grid_title(grid.script, grid.axes, formatting.headline(grid.prompt))
    return f"{formatting.date_time(grid.created_at)} → {title}"
