"""One job as it is: live, with its images and their pose score, or with the reason for none."""

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import streamlit as st

from core.jobs.detail.scoring import JobPoseScore
from core.jobs.records import Job, JobState
from core.jobs.service import JobDetail
from core.team.users import User
from ui import routes
from ui.components import mount
from ui.components.sharing_fields import title_of
from ui.errors import last_known, show_notice
from ui.jobs.detail import actions
from ui.jobs.detail.comparing.choice import current_choice
from ui.jobs.detail.comparing.view import compare_button, comparison
from ui.jobs.detail.container_log import container_log
from ui.jobs.detail.neighbours import go_to_neighbour, neighbours_of
from ui.jobs.trash.moving import undo_bar
from ui.jobs.trash.view import in_trash
from ui.state import go_to_requested_page, key_of_user, studio, user
from ui.texts import formatting
from ui.texts.jobs import detail as detail_texts
from ui.texts.jobs import jobs as texts
from ui.texts.team import sharing as sharing_texts

_DEFAULT_SIZE: Final = (512, 512)
_ROW_PX: Final = 40
_STRIP_PX: Final = 109
"""Heights of a row of buttons, and of the small images with their line, in CSS pixels."""

_VIEWER: Final = "viewer"
"""One for every job, so that its keys and its full screen outlive the step to another job."""

_HASHES: Final[dict[str | type, Any]] = {
    User: key_of_user,
    Job: lambda job: (job.id, job.updated_at, job.visibility, job.shared_with, job.trashed_at),
}
"""What is kept of a job counts for one person, and until it is shared anew."""


@st.fragment
def newest_job() -> None:
    """The user's latest job beside the form, or what will be here."""
    go_to_requested_page()
    show_notice()
    undo_bar()
    job = last_known("jobs.mine", user().name, lambda: studio().jobs.newest(user()))
    if job is None:
        with st.container(key="no-picture", horizontal_alignment="center"):
            st.markdown(f"#### {texts.NO_JOB_TITLE}", anchors=False)
            st.caption(texts.NO_JOB)
        return
    own = [one for one in studio().jobs.open(user()) if not one.is_redacted]
    others = [one for one in own if one.id != job.id]
    job_view(job)
    if others:
        st.page_link(
            "../pages/jobs.py",
            icon=":material/schedule:",
            label=texts.more_open(len(others)),
        )


@dataclass(frozen=True)
class ShownJob:
    """What is known of a job, and which of its images is shown large."""

    detail: JobDetail
    index: int = 0


def job_view(job: Job, *, may_compare: bool = False) -> ShownJob:
    """Head, image and buttons of a job; with `may_compare` its image beside another one, where the
    address names one."""
    detail = _detail_of(job)
    _head(job, with_state=not job.state.is_open)  # the live component tells that of an open one
    for problem in detail.unreadable:
        st.warning(formatting.escape(problem), icon=":material/update:")
    index = 0
    if job.is_trashed:
        index = _images(detail)
        in_trash(job)
    elif job.state.is_open:
        _live(job, detail)
        actions.open_actions(job)
    elif job.state is JobState.SUCCEEDED:
        index = _compared(detail) if may_compare else _images(detail)
        _pose_score(job, index)
        actions.image_actions(detail, index)
    else:
        if job.image_count:  # made before it was cancelled, or called lost
            index = _compared(detail) if may_compare else _images(detail)
        _reason(job)
        if may_compare and job.state is JobState.FAILED:
            container_log(job)
        actions.closed_actions(job)
    return ShownJob(detail, index)


def private_job(job: Job) -> None:
    """Another's private job: who, when, in which state; and what may be done without looking."""
    _head(job, with_state=True)
    owner = sharing_texts.not_yours(title_of(job.owner), job.endpoint)
    st.info(formatting.escape(owner), title=sharing_texts.NOT_YOURS_TITLE, icon=":material/lock:")
    if job.is_trashed:
        in_trash(job)
    elif job.state.is_open:
        actions.open_actions(job)
    else:
        actions.delete_action(job)


def _detail_of(job: Job) -> JobDetail:
    """The job with its request and result."""
    if job.state.is_open:
        return last_known("job.detail", job.id, lambda: studio().jobs.detail(user(), job.id))
    return _closed_detail(user(), job)


@st.cache_data(max_entries=200, show_spinner=False, hash_funcs=_HASHES)
def _closed_detail(asking: User, job: Job) -> JobDetail:
    """What can't change any more is read from S3 once."""
    return studio().jobs.detail(asking, job.id)


def _head(job: Job, *, with_state: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="job-head"):
        if with_state:
            st.badge(job.state.value, color=formatting.TONES[job.state])
        st.caption(f"{formatting.date_time(job.created_at)} → {job.id}")


def _live(job: Job, detail: JobDetail) -> None:
    width, height = _size_of(detail)
    mount(
        "jobs/live_job",
        f"live.{job.id}",
        {
            "url": routes.status_url(studio(), user(), job.id),
            "width": width,
            "height": height,
            "status": routes.status_of(user(), job),
            "texts": texts.LIVE,
        },
        on_ended_change=lambda: None,
    )


def _compared(detail: JobDetail) -> int:
    """The comparison that the address asks for, else the viewer. Returns the image's index."""
    choice = current_choice()
    if choice is None:
        index = _images(detail)
        compare_button(detail)
        return index
    return comparison(detail, choice, _detail_of, lambda: _images(detail))


def _images(detail: JobDetail) -> int:
    """The viewer. Returns the index of the image that is shown large."""
    job, beside = detail.job, neighbours_of(detail.job.id)
    chosen = _chosen(job)
    items = [_item(detail, index) for index in range(job.image_count)]
    if items:
        data = {
            "job": job.id,
            "items": items,
            "chosen": chosen,
            "neighbours": [bool(beside.before), bool(beside.after)],
            "texts": detail_texts.VIEWER,
            **_maps(job, detail),
        }
        _keep_place(items[chosen], rows=min(len(data["maps"]), 2), has_strip=len(items) > 1)
        mount(
            "jobs/viewer",
            _VIEWER,
            data,
            default={"chosen": ""},
            on_chosen_change=lambda: None,
            on_neighbour_change=partial(_go_on, job.id),
        )
    return chosen


def _keep_place(item: dict[str, Any], *, rows: int, has_strip: bool) -> None:
    """The viewer's place until its script has come (ui/theme/placeholders.css); `rows` of buttons
    for maps."""
    below = rows * _ROW_PX + (_STRIP_PX if has_strip else 0)
    style = f"--picture:{item['width']}/{item['height']};--below:{below}px"
    st.html(f"<style>.st-key-{_VIEWER} {{ {style} }}</style>")


def _chosen(job: Job) -> int:
    """What the viewer says is of the job that it showed last."""
    of_job, _, index = str(st.session_state.get(_VIEWER, {}).get("chosen", "")).partition(":")
    return min(int(index), max(job.image_count - 1, 0)) if of_job == job.id else 0


def _go_on(job_id: str) -> None:
    go_to_neighbour(job_id, int(st.session_state[_VIEWER].get("neighbour") or 0))


def _item(detail: JobDetail, index: int) -> dict[str, Any]:
    job, urls = detail.job, studio().urls(user())
    images = detail.result.pictures if detail.result else ()
    known = images[index] if index < len(images) else None
    width, height = (known.width, known.height) if known else _size_of(detail)
    return {
        "thumb": urls.thumbnail(job.id, index, job.bucket),
        "full": urls.output(job.id, index, job.bucket),
        "alt": formatting.headline(job.prompt),
        "label": texts.image_number(index + 1),
        "width": width,
        "height": height,
    }


def _size_of(detail: JobDetail) -> tuple[int, int]:
    """Width and height of the job's images; until there are any, of what was asked for."""
    if detail.result and detail.result.pictures:
        first = detail.result.pictures[0]
        return first.width, first.height
    return detail.request.size if detail.request else _DEFAULT_SIZE


def _maps(job: Job, detail: JobDetail) -> dict[str, Any]:
    """The control maps by name, and which comes first: a pose, where there is one."""
    count = detail.result.maps if detail.result else 0
    units = detail.request.controlnets if detail.request else ()
    is_pose = [unit.pose is not None for unit in units[:count]]
    is_pose += [False] * (count - len(is_pose))
    names = [texts.POSE_MAP if each else texts.OTHER_MAP for each in is_pose]
    if count > 1:
        names = [texts.map_of_unit(number, name) for number, name in enumerate(names, 1)]
    urls = studio().urls(user())
    maps = [
        {
            "name": name,
            "alt": texts.map_alt(name),
            "url": urls.map(job.id, index, job.bucket),
        }
        for index, name in enumerate(names)
    ]
    return {"maps": maps, "first": is_pose.index(True) if any(is_pose) else 0}


def _reason(job: Job) -> None:
    """Why there is no image, or not all of them."""
    if job.state is JobState.CANCELLED:
        if not job.image_count:
            st.info(texts.CANCELLED, icon=":material/block:")
        return
    why = job.failure.message if job.failure else texts.NO_REASON
    title = None if job.image_count else texts.NO_IMAGE_TITLE
    st.error(formatting.escape(why), title=title, icon=":material/error:")


def _pose_score(job: Job, index: int) -> None:
    """The score of the image that is shown, and the mean of several."""
    if job.state is not JobState.SUCCEEDED or not job.units:
        return
    scores = _scores(user(), job)
    if scores is None or index >= len(scores.images):
        return
    text = texts.pose_scores(scores.images[index], len(scores.images), scores.value)
    st.caption(text, help=texts.POSE_SCORE_HELP)


@st.cache_data(max_entries=500, show_spinner=False, hash_funcs=_HASHES)
def _scores(asking: User, job: Job) -> JobPoseScore | None:
    return studio().scores.of_job(asking, job.id)
