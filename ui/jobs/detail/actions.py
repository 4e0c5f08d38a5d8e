"""The buttons of a job: cancel, save, send on, reuse, retry, move to the trash."""

from collections.abc import Callable

import streamlit as st

from core.images.outpaint import UncheckedOutpaint
from core.jobs.records import Job
from core.jobs.service import JobDetail
from core.team.permissions import Action
from formats.generation.parameters import Mode
from formats.limits import MAX_SIDE, MIN_SIDE, SIDE_STEP
from ui.errors import attempt
from ui.form.filling.drafts import fill
from ui.form.filling.unit_menu import send_to_unit
from ui.form.state import Form
from ui.jobs.detail.model_thumbnail import thumbnail_menu
from ui.jobs.detail.run_elsewhere import run_elsewhere
from ui.jobs.detail.sharing import share_button
from ui.jobs.list.queue import move_to_front
from ui.jobs.list.selection import select_next
from ui.jobs.trash.moving import trash_button
from ui.state import PageName, may, one_click, request_page, studio, user
from ui.texts.jobs import jobs as texts


def open_actions(job: Job) -> None:
    """Cancel, move it up in the line, and who may see it."""
    with st.container(horizontal=True, gap="small"):
        if may(Action.CHANGE, job.item):
            _cancel_button(job)
        move_to_front(job)
    share_button(job)


def _cancel_button(job: Job) -> None:
    st.button(
        texts.CANCEL,
        key=f"cancel.{job.id}",
        icon=":material/stop_circle:",
        disabled=job.cancelling,
        on_click=attempt,
        args=(lambda: studio().jobs.cancel(user(), job.id),),
    )


def image_actions(detail: JobDetail, index: int) -> None:
    """What can be done with the image that is shown large, and with the job."""
    job = detail.job
    with st.container(horizontal=True, gap="small", key=f"actions-{job.id}"):
        st.download_button(
            texts.SAVE,
            lambda: studio().jobs.image(user(), job.id, index),
            file_name=f"{job.id}-{index + 1}.png",
            mime="image/png",
            icon=":material/download:",
            key=f"save.{job.id}.{index}",
            on_click="ignore",
            type="primary",
            help=texts.SAVE_HELP,
        )
        if may(Action.USE, job.item):
            _use_buttons(job, index)
            _button("retry", texts.RETRY, job, _retry)
            run_elsewhere(job)
            send_to_unit(detail, index)
            thumbnail_menu(detail, index)
        share_button(job)
        trash_button(job)


def _use_buttons(job: Job, index: int) -> None:
    if job.units:
        _button("re_pose", texts.RE_POSE, job, _re_pose, index)
    _button("img2img", texts.SEND_TO_IMG2IMG, job, _send_to_img2img, index)
    _button("inpaint", texts.SEND_TO_INPAINT, job, _send_to_inpaint, index)
    _button("outpaint", texts.SEND_TO_OUTPAINT, job, _send_to_outpaint, index)
    _button("upscale", texts.SEND_TO_UPSCALE, job, _send_to_upscale, index)
    _button("controlnet", texts.SEND_TO_CONTROLNET, job, _send_to_controlnet, index)
    _button("reuse", texts.REUSE, job, _reuse)


def closed_actions(job: Job) -> None:
    """What can be done with a job that has no image."""
    with st.container(horizontal=True, gap="small", key=f"actions-{job.id}"):
        if may(Action.USE, job.item):
            _button("retry", texts.RETRY, job, _retry)
            run_elsewhere(job)
            _button("reuse", texts.REUSE, job, _reuse)
        share_button(job)
        trash_button(job)


def delete_action(job: Job) -> None:
    """The trash alone, for whoever may do it without looking."""
    with st.container(horizontal=True, gap="small", key=f"actions-{job.id}"):
        trash_button(job)


def _button(name: str, label: str, job: Job, action: Callable[..., None], *args: object) -> None:
    st.button(label, key=f"{name}.{job.id}", on_click=_run, args=(action, job, *args))


def _run(action: Callable[..., None], *args: object) -> None:
    attempt(lambda: action(*args))


def _reuse(job: Job) -> None:
    page: PageName = "controlnet" if job.units else "generate"
    fill(Form(page), studio().jobs.draft_of(user(), job.id))
    request_page(page)


def _re_pose(job: Job, index: int) -> None:
    """The same pose to be changed, with the seed of the image that is shown large."""
    draft = studio().jobs.draft_of(user(), job.id, resolved=True)
    result = studio().jobs.detail(user(), job.id).result
    seeds = [image.seed for image in result.pictures] if result else []
    if index < len(seeds):
        draft = draft.model_copy(update={"seed": seeds[index]})
    fill(Form("controlnet"), draft)
    request_page("controlnet")


def _send_to_img2img(job: Job, index: int) -> None:
    _send(job, index, "generate")


def _send_to_inpaint(job: Job, index: int) -> None:
    _send(job, index, "generate", Mode.INPAINT)


def _send_to_outpaint(job: Job, index: int) -> None:
    _send(job, index, "generate", Mode.INPAINT, UncheckedOutpaint())


def _send_to_upscale(job: Job, index: int) -> None:
    _send(job, index, "generate", Mode.UPSCALE)


def _send_to_controlnet(job: Job, index: int) -> None:
    _send(job, index, "controlnet")


def _send(
    job: Job,
    index: int,
    page: PageName,
    mode: Mode = Mode.IMG2IMG,
    outpaint: UncheckedOutpaint | None = None,
) -> None:
    """Fill a form with the job's parameters and its image to start from."""
    image = studio().jobs.image(user(), job.id, index)
    draft = studio().jobs.draft_of(user(), job.id, resolved=True)
    changes: dict[str, object] = {"mode": mode, "init_image": image, "outpaint": outpaint}
    changes |= {"inpaint": None, "hires": None}
    fill(Form(page), draft.model_copy(update={**changes, **_size_of(job, index)}))
    request_page(page)


def _size_of(job: Job, index: int) -> dict[str, int]:
    """The image's own width and height where a form takes them: hires fix may have made it
    larger than the form's."""
    result = studio().jobs.detail(user(), job.id).result
    if result is None or index >= len(result.pictures):
        return {}
    image = result.pictures[index]
    size = {"width": image.width, "height": image.height}
    fits = all(MIN_SIDE <= side <= MAX_SIDE and side % SIDE_STEP == 0 for side in size.values())
    return size if fits else {}


def _retry(job: Job) -> None:
    with one_click(f"retry.{job.id}", job.id) as click:
        retried = studio().jobs.retry(user(), job.id, click)
    select_next(retried.id)
