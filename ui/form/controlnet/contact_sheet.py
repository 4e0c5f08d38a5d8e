"""The contact sheet that an older version kept with a form; what makes one now is a grid."""

import io

import streamlit as st
from PIL import Image

from core.errors import NotAllowed, NotFound
from core.images.contact_sheet import Cell, compose_sheet
from core.jobs.records import Job, JobState
from core.team.users import User
from ui.form.state import Form
from ui.form.values import SheetCell
from ui.polling import JOBS_SECONDS, poll_while
from ui.state import key_of_user, studio, user
from ui.texts.form import controlnet as texts


def sheet_result(form: Form) -> None:
    """The last sheet, once its jobs are over; nothing where there is none."""
    if form.kept.sheet:
        _sheet(form)


def _has_open_jobs(form: Form) -> bool:
    return any(job and job.state.is_open for job in map(_job, form.kept.sheet))


@poll_while(_has_open_jobs, every=JOBS_SECONDS)
def _sheet(form: Form) -> None:
    cells = form.kept.sheet
    jobs = [_job(cell) for cell in cells]
    over = sum(1 for job in jobs if job is None or not job.state.is_open)
    st.markdown(f"##### {texts.SHEET}", anchors=False)
    if over < len(cells):
        st.progress(over / len(cells), texts.sheet_progress(over, len(cells)))
        return
    job_ids = tuple(job.id if job and job.state is JobState.SUCCEEDED else "" for job in jobs)
    data = _sheet_png(user(), job_ids, tuple(cell.label for cell in cells))
    st.image(data, output_format="PNG", width="stretch", alt=texts.SHEET_ALT)
    with st.container(horizontal=True):
        st.download_button(
            texts.SHEET_DOWNLOAD,
            data,
            file_name="contact-sheet.png",
            mime="image/png",
            key=form.key("sheet.save"),
            icon=":material/download:",
            on_click="ignore",
        )
        st.button(
            texts.SHEET_CLOSE,
            key=form.key("sheet.close"),
            type="tertiary",
            on_click=lambda: form.put(sheet=[]),
            help=texts.SHEET_CLOSE_HELP,
        )


def _job(cell: SheetCell) -> Job | None:
    """The cell's job; None where it was deleted, or is another's by now."""
    try:
        return studio().jobs.get(user(), cell.job)
    except (NotAllowed, NotFound):
        return None


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs={User: key_of_user})
def _sheet_png(asking: User, job_ids: tuple[str, ...], labels: tuple[str, ...]) -> bytes:
    """The sheet; a job without an image leaves an empty frame."""
    images = [_image(asking, job_id) if job_id else None for job_id in job_ids]
    cells = [
        Cell(label if image else texts.no_image(label), image)
        for label, image in zip(labels, images, strict=True)
    ]
    return compose_sheet(cells)


def _image(owner: User, job_id: str) -> Image.Image | None:
    try:
        return Image.open(io.BytesIO(studio().jobs.image(owner, job_id, 0)))
    except NotFound:
        return None
