"""The sheet of the last grid, which fills in while its jobs run; each cell opens its job."""

from collections.abc import Callable
from typing import Any, NamedTuple

import streamlit as st

from core.errors import NotFound
from core.jobs.grids.records import Grid, GridCell
from core.jobs.grids.sheet import cell_at, sheet_plan
from core.jobs.grids.view import GridView
from core.jobs.records import Job
from ui.components import mount
from ui.errors import attempt, last_known
from ui.form.state import Form
from ui.jobs.list.selection import select_next
from ui.polling import JOBS_SECONDS, poll_while
from ui.state import go_to_requested_page, request_page, studio, user
from ui.texts import formatting
from ui.texts.form import form as texts
from ui.texts.jobs import trash as trash_texts


class Closing(NamedTuple):
    """The button that takes a grid from where it is shown."""

    label: str
    help: str
    act: Callable[[], None]


def grid_result(form: Form) -> None:
    """The last grid of the form; nothing where there is none."""
    if form.kept.grid:
        closing = Closing(texts.CLOSE_GRID, texts.CLOSE_GRID_HELP, lambda: form.put(grid=""))
        with st.container(key="grid-result"):
            grid_view(form.kept.grid, closing)


def _is_busy(grid_id: str, _closing: Closing) -> bool:
    view = _view(grid_id)
    return view is not None and bool(view.open)


@poll_while(_is_busy, every=JOBS_SECONDS)
def grid_view(grid_id: str, closing: Closing) -> None:
    """A grid's sheet with its buttons, live while a job is open."""
    go_to_requested_page()
    view = _view(grid_id)
    if view is None:
        return
    grid = view.grid
    title = texts.grid_title(grid.script, grid.axes, formatting.headline(grid.prompt))
    st.markdown(f"##### {formatting.escape(title)}", anchors=False)
    made, total = len(view.succeeded), len(grid.cells)
    st.progress(made / total, texts.grid_progress(made, total, len(view.failed)))
    if grid.problem:
        st.warning(formatting.escape(grid.problem), icon=":material/error:")
    picked = mount(
        "jobs/grid_sheet",
        f"grid.{grid_id}",
        sheet_data(view),
        on_pick_change=lambda: None,
    ).pick
    if picked:
        select_next(picked)
        request_page("jobs")
        go_to_requested_page()
    _buttons(view, closing)


def _view(grid_id: str) -> GridView | None:
    """The grid with its jobs; of those that are over nothing is asked again."""
    key = f"grid.view.{grid_id}"
    known = st.session_state.get(key)
    jobs = tuple(known.jobs.values()) if isinstance(known, GridView) else ()
    try:
        view = last_known(key, user().name, lambda: studio().grids.view(user(), grid_id, jobs))
    except NotFound:
        return None
    st.session_state[key] = view
    return view


def sheet_data(view: GridView) -> dict[str, Any]:
    """What the component shows: labels, and the cells row by row."""
    grid = view.grid
    plan = sheet_plan(grid, 1, 1)
    by_place = {cell.place: cell for cell in grid.cells}
    sheets = [
        [
            [
                _cell(view, grid, by_place.get(cell_at(grid, sheet, row, column)))
                for column in range(plan.columns)
            ]
            for row in range(len(plan.captions))
        ]
        for sheet in range(len(plan.sheets))
    ]
    return {
        "columns": plan.columns,
        "captions": [list(captions) for captions in plan.captions],
        "rows": list(plan.rows),
        "titles": list(plan.sheets),
        "sheets": sheets,
    }


def _cell(view: GridView, grid: Grid, cell: GridCell | None) -> dict[str, Any] | None:
    if cell is None:
        return None
    job = view.jobs.get(cell.job)
    labels = [names[index] for names, index in zip(grid.labels, cell.place, strict=True)]
    if grid.axes:
        labels = [f"{axis}: {label}" for axis, label in zip(grid.axes, labels, strict=True)]
    state = _state_of(job) if job else texts.GRID_ALT
    return {
        "job": job.id if job else "",
        "thumb": _thumbnail_url(job) if job else "",
        "state": state,
        "open": bool(job and job.state.is_open),
        "name": f"{' · '.join(labels)}: {state}",
    }


def _state_of(job: Job) -> str:
    return trash_texts.IN_TRASH if job.is_trashed else job.state.value


def _thumbnail_url(job: Job) -> str:
    has_image = job.image_count and not (job.is_redacted or job.is_trashed)
    return studio().urls(user()).thumbnail(job.id, 0, job.bucket) if has_image else ""


def _buttons(view: GridView, closing: Closing) -> None:
    grids, grid_id, key = studio().grids, view.grid.id, f"grid.{view.grid.id}"
    with st.container(horizontal=True):
        if view.open:
            st.button(
                texts.CANCEL_GRID,
                key=f"{key}.cancel",
                icon=":material/block:",
                on_click=lambda: attempt(lambda: grids.cancel_all(user(), grid_id)),
            )
        if view.missing and not view.open:
            st.button(
                texts.send_missing(len(view.missing)),
                key=f"{key}.missing",
                icon=":material/send:",
                on_click=lambda: attempt(lambda: grids.send_missing(user(), grid_id)),
            )
        elif view.failed and not view.open:
            st.button(
                texts.RETRY_GRID,
                key=f"{key}.retry",
                icon=":material/replay:",
                on_click=lambda: attempt(lambda: grids.retry_failed(user(), grid_id)),
            )
        if view.succeeded:
            st.download_button(
                texts.PREPARE_SHEET,
                lambda: grids.sheet(user(), grid_id),
                file_name=f"grid-{grid_id}.png",
                mime="image/png",
                key=f"{key}.save",
                icon=":material/download:",
                on_click="ignore",
            )
        st.button(
            closing.label,
            key=f"{key}.close",
            type="tertiary",
            on_click=closing.act,
            help=closing.help,
        )
