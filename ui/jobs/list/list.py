"""The job list: `time -> id`, newest or best pose first, live while a job is open."""

from typing import Any, Final

import streamlit as st

from core.jobs.records import Job, JobFilter, JobOrder, JobState
from core.team.users import User
from ui.components import mount
from ui.components.sharing_fields import title_of
from ui.errors import last_known, show_old
from ui.jobs.detail.neighbours import note_listed
from ui.jobs.detail.sharing import mark_of
from ui.jobs.list.queue import queue_actions
from ui.jobs.list.scope import scope_picker
from ui.jobs.list.selection import select_job, selected_job_id
from ui.jobs.list.waiting import waiting_text
from ui.polling import JOBS_SECONDS, poll_while
from ui.state import studio, user
from ui.texts import common, formatting
from ui.texts.jobs import jobs as texts
from ui.texts.team import sharing as sharing_texts

_PAGE: Final = 50


def job_list() -> None:
    """The filter and the list, which stays up to date while there are open jobs."""
    scope = scope_picker()
    state = st.segmented_control(
        texts.STATE,
        list(JobState),
        key="jobs.state",
        format_func=lambda state: state.value,
        label_visibility="collapsed",
        bind="query-params",
    )
    order = st.segmented_control(
        texts.ORDER,
        list(JobOrder),
        key="jobs.order",
        required=True,
        default=JobOrder.NEWEST,
        label_visibility="collapsed",
        format_func=lambda order: order.value,
    )
    min_score = _min_score() if order is JobOrder.POSE_SCORE else 0.0
    _list(JobFilter(scope=scope, state=state, order=order, min_pose_score=min_score))


def _min_score() -> float:
    return st.slider(
        texts.MIN_SCORE,
        0.0,
        1.0,
        step=0.05,
        key="jobs.least",
        help=texts.MIN_SCORE_HELP,
    )


def _has_open_jobs(*_: object) -> bool:
    return bool(studio().jobs.open(user()))


@poll_while(_has_open_jobs, every=JOBS_SECONDS)
def _list(job_filter: JobFilter) -> None:
    limit = _PAGE * st.session_state.setdefault("jobs.pages", 1)
    page = last_known(
        "jobs.page",
        (job_filter, limit),
        lambda: studio().jobs.page(user(), job_filter, limit),
    )
    show_old(studio().jobs.following_problem())
    with st.container(horizontal=True, vertical_alignment="center"):
        is_by_score = job_filter.order is JobOrder.POSE_SCORE
        count = texts.count_by_score if is_by_score else texts.count
        st.caption(count(len(page.jobs), has_more=bool(page.cursor)), width="stretch")
        st.button(common.REFRESH, icon=":material/refresh:", key="jobs.refresh", type="tertiary")
    queue_actions()
    note_listed([job.id for job in page.jobs])
    if page.jobs:
        me = user()  # asked once: there may be hundreds of rows
        rows = {"rows": [_row(job, me) for job in page.jobs], "chosen": selected_job_id()}
        clicked = mount("jobs/job_list", "jobs.list", rows, on_pick_change=lambda: None).pick
        if clicked:
            select_job(clicked)
            st.rerun()
    else:
        _empty_list(job_filter)
    if page.cursor and st.button(texts.SHOW_MORE, width="stretch"):
        st.session_state["jobs.pages"] += 1
        st.rerun(scope="fragment")


def _row(job: Job, me: User) -> dict[str, Any]:
    is_open = job.state.is_open
    known = {
        "id": job.id,
        "time": formatting.date_time(job.created_at),
        "state": job.state.value,
        "tone": formatting.TONES[job.state],
    }
    if job.is_redacted:
        said = sharing_texts.private_job(title_of(job.owner))
        return {**known, "prompt": said, "locked": True, "doing": job.endpoint}
    return {
        **known,
        "prompt": formatting.headline(job.prompt),
        "mark": mark_of(job, me),
        "doing": _progress(job, me) if is_open else _summary(job),
        "share": job.step / job.steps if is_open and job.steps else 0,
        "thumb": _thumbnail_url(job, me),
    }


def _progress(job: Job, me: User) -> str:
    return formatting.progress_text(job, waiting_text(job, me.name))


def _summary(job: Job) -> str:
    checkpoint = (job.checkpoint or "").removesuffix(".safetensors")
    return texts.summary(checkpoint, job.mode, has_units=job.units > 0, score=job.pose_score)


def _thumbnail_url(job: Job, me: User) -> str:
    return studio().urls(me).thumbnail(job.id, 0, job.bucket) if job.image_count else ""


def _empty_list(job_filter: JobFilter) -> None:
    with st.container(key="empty", horizontal_alignment="center"):
        if job_filter.order is JobOrder.POSE_SCORE:
            st.caption(texts.NO_SUCH_SCORE)
        elif job_filter.state:
            st.caption(texts.none_in_state(job_filter.state))
        elif said := sharing_texts.nothing_in(job_filter.scope):
            st.caption(said)
        else:
            st.markdown(f"#### {texts.EMPTY_TITLE}", anchors=False)
            st.caption(texts.EMPTY)
            st.page_link("../pages/generate.py", label=common.GENERATE, icon=":material/brush:")
