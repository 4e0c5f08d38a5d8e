"""The contact sheet: one pose with several seeds, or several poses, a job for each image."""

import io
from typing import Any

import streamlit as st
from PIL import Image

from core.errors import ContrappostoError, NotAllowed, NotFound
from core.images.contact_sheet import MAX_CELLS, Cell, compose_sheet
from core.jobs.contact_sheet import SheetDraft, drafts_by_pose, drafts_by_seed
from core.jobs.records import Job, JobState
from core.jobs.requests import random_seed
from core.poses.catalogue import PoseEntry
from core.team.permissions import Kind
from core.team.users import User
from ui.errors import problems_of, show_at
from ui.form.drafts import draft_of
from ui.form.state import Form
from ui.form.values import SheetCell
from ui.polling import JOBS_SECONDS, poll_while
from ui.pose.library import preset_poses, team_poses
from ui.state import key_of_user, may_create, one_click, studio, user
from ui.texts import controlnet as texts


def sheet_form(form: Form) -> None:
    """An expander; its button sends one job for each image."""
    panel = st.expander(
        texts.SHEET, icon=":material/grid_view:", key=form.key("sheet.open"), on_change="rerun"
    )
    if panel.open:
        with panel:
            _fields(form)


def _fields(form: Form) -> None:
    kind = st.radio(
        texts.SHEET_KIND, [texts.SHEET_BY_SEED, texts.SHEET_BY_POSE], key=form.key("sheet.kind")
    )
    args: tuple[Any, ...]
    if kind == texts.SHEET_BY_SEED:
        count = st.number_input(
            texts.SHEET_IMAGES,
            2,
            MAX_CELLS,
            4,
            key=form.key("sheet.count"),
            help=texts.SHEET_IMAGES_HELP,
        )
        args = (form, int(count), ())
    else:
        args = (form, 0, tuple(_pose_picker(form)))
    show_at(form.problems, "sheet")
    st.button(
        texts.SHEET_GENERATE,
        key=form.key("sheet.go"),
        icon=":material/grid_view:",
        on_click=_submit,
        args=args,
        width="stretch",
        disabled=not may_create(Kind.JOB),
    )
    st.caption(texts.sheet_cost(MAX_CELLS))


def _pose_picker(form: Form) -> list[str]:
    poses = _poses()
    key = form.key("sheet.poses")
    st.session_state[key] = [one for one in st.session_state.get(key, []) if one in poses]
    return st.multiselect(
        texts.SHEET_POSES,
        list(poses),
        key=key,
        max_selections=MAX_CELLS,
        format_func=lambda one: poses[one].name if one in poses else one,
    )


def _poses() -> dict[str, PoseEntry]:
    return {pose.id: pose for pose in (*team_poses(), *preset_poses())}


def _submit(form: Form, count: int, pose_ids: tuple[str, ...]) -> None:
    """Send each image as a job of its own; what was sent before a refusal stays."""
    cells: list[SheetCell] = []
    request = (form.values(), count, pose_ids)
    try:
        with one_click(form.key("sheet.go"), request) as click:
            for number, one in enumerate(_plan(form, count, pose_ids)):
                (job,) = studio().jobs.submit(user(), one.draft, f"{click}.{number}")
                cells.append(SheetCell(job=job.id, label=one.label))
    except ContrappostoError as error:
        form.set_problems(problems_of(error))
    else:
        form.set_problems()
    if cells:
        form.put(sheet=cells)


def _plan(form: Form, count: int, pose_ids: tuple[str, ...]) -> tuple[SheetDraft, ...]:
    draft = draft_of(form, with_units=True)
    if count:
        return drafts_by_seed(draft, count, random_seed)
    poses = _poses()
    chosen = [(poses[one].name, poses[one].skeleton) for one in pose_ids if one in poses]
    return drafts_by_pose(draft, chosen, random_seed)


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
