"""Draws the contact sheet that was asked for last, once its jobs are over."""

import io

import streamlit as st
from PIL import Image

from core.access import User
from core.errors import NotFound
from core.images.contact_sheet import Cell, compose_sheet
from core.jobs.records import Job, JobState
from ui.form.state import Form
from ui.form.values import SheetCell
from ui.state import studio, user


def sheet_result(form: Form) -> None:
    """Nothing where none was asked for; it follows its jobs while one is open."""
    cells = form.kept.sheet
    if cells:
        is_open = any(job and job.state.is_open for job in map(_job, cells))
        st.fragment(_sheet, run_every=3 if is_open else None)(form, was_open=is_open)


def _sheet(form: Form, *, was_open: bool) -> None:
    cells = form.kept.sheet
    jobs = [_job(cell) for cell in cells]
    over = sum(1 for job in jobs if job is None or not job.state.is_open)
    st.markdown("##### Contact sheet", anchors=False)
    if over < len(cells):
        st.progress(over / len(cells), f"{over} of {len(cells)} pictures are done")
        return
    if was_open:
        st.rerun()
    made = tuple(job.id if job and job.state is JobState.SUCCEEDED else "" for job in jobs)
    data = _drawn(user().name, made, tuple(cell.label for cell in cells))
    st.image(data, output_format="PNG", width="stretch", alt="The contact sheet")
    with st.container(horizontal=True):
        st.download_button(
            "Download the sheet", data, file_name="contact-sheet.png", mime="image/png",
            key=form.key("sheet.save"), icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        st.button(
            "Close the sheet", key=form.key("sheet.close"), type="tertiary",
            on_click=lambda: form.put(sheet=[]), help="Its jobs and pictures stay.",
        )  # fmt: skip


def _job(cell: SheetCell) -> Job | None:
    """The cell's job; None where it was deleted."""
    try:
        return studio().jobs.get(user(), cell.job)
    except NotFound:
        return None


@st.cache_data(max_entries=8, show_spinner=False)
def _drawn(name: str, jobs: tuple[str, ...], labels: tuple[str, ...]) -> bytes:
    """The sheet; a job that made nothing leaves an empty frame."""
    pictures = [_picture(User(name=name), job) if job else None for job in jobs]
    named = zip(labels, pictures, strict=True)
    return compose_sheet(
        [Cell(label if one else f"{label}: no picture", one) for label, one in named]
    )


def _picture(who: User, job_id: str) -> Image.Image | None:
    try:
        return Image.open(io.BytesIO(studio().jobs.picture(who, job_id, 0)))
    except NotFound:
        return None
