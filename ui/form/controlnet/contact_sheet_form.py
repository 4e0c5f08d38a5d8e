"""Draws what a contact sheet is asked for: one pose with several seeds, or several poses."""

from typing import Any, Final

import streamlit as st

from core.errors import ContrappostoError
from core.images.contact_sheet import MAX_CELLS
from core.jobs.contact_sheet import SheetDraft, drafts_by_pose, drafts_by_seed
from core.jobs.requests import random_seed
from ui.click import click_id
from ui.form.drafts import draft_of
from ui.form.state import Form
from ui.form.values import SheetCell
from ui.pose.pose_gallery import preset_shelf, team_shelf
from ui.problems import problems_of, show_at
from ui.state import studio, user

_SEEDS: Final = "One pose, several seeds"
_POSES: Final = "Several poses, one seed"


def sheet_form(form: Form) -> None:
    """An expander; its button sends one job for each picture."""
    panel = st.expander(
        "Contact sheet", icon=":material/grid_view:", key=form.key("sheet.open"), on_change="rerun"
    )
    if panel.open:
        with panel:
            _ask(form)


def _ask(form: Form) -> None:
    kind = st.radio("What changes", [_SEEDS, _POSES], key=form.key("sheet.kind"))
    args: tuple[Any, ...]
    if kind == _SEEDS:
        count = st.number_input(
            "Pictures", 2, MAX_CELLS, 4, key=form.key("sheet.count"),
            help="The seeds count up from the form's own.",
        )  # fmt: skip
        args = (form, int(count), ())
    else:
        args = (form, 0, tuple(_chosen_poses(form)))
    show_at(form.problems, "sheet")
    st.button(
        "Generate the sheet", key=form.key("sheet.go"), icon=":material/grid_view:",
        on_click=_submit, args=args, width="stretch",
    )  # fmt: skip
    st.caption(f"One job for each picture, up to {MAX_CELLS}; batch size and count are left.")


def _chosen_poses(form: Form) -> list[str]:
    shelf = {pose.id: pose for pose in (*team_shelf(), *preset_shelf())}
    key = form.key("sheet.poses")
    st.session_state[key] = [one for one in st.session_state.get(key, []) if one in shelf]
    return st.multiselect(
        "Poses", list(shelf), key=key, max_selections=MAX_CELLS,
        format_func=lambda one: shelf[one].name if one in shelf else one,
    )  # fmt: skip


def _submit(form: Form, count: int, chosen: tuple[str, ...]) -> None:
    """Send each picture as a job of its own; what was sent before a refusal stays."""
    cells: list[SheetCell] = []
    click = click_id(form.key("sheet.go"), (form.values(), count, chosen))
    try:
        for number, one in enumerate(_plan(form, count, chosen)):
            (job,) = studio().jobs.submit(user(), one.draft, f"{click}.{number}")
            cells.append(SheetCell(job=job.id, label=one.label))
    except ContrappostoError as error:
        form.set_problems(problems_of(error))
    else:
        form.set_problems()
    if cells:
        form.put(sheet=cells)


def _plan(form: Form, count: int, chosen: tuple[str, ...]) -> tuple[SheetDraft, ...]:
    draft = draft_of(form, with_units=True)
    if count:
        return drafts_by_seed(draft, count, random_seed)
    shelf = {pose.id: pose for pose in (*team_shelf(), *preset_shelf())}
    poses = [(shelf[one].name, shelf[one].skeleton) for one in chosen if one in shelf]
    return drafts_by_pose(draft, poses, random_seed)
