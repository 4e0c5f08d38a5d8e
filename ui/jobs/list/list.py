"""The job list: `time -> id`, newest or best pose first, live while a job is open."""

from typing import Final

import streamlit as st

from core.jobs.records import JobFilter, JobOrder, JobState
from ui.errors import last_known, show_old
from ui.jobs.list.bulk_selection import selection_token
from ui.jobs.list.queue import queue_actions
from ui.jobs.list.rows import PER_PAGE, Layout, show_rows
from ui.jobs.list.scope import scope_picker
from ui.jobs.list.selection import select_job, selected_job_id
from ui.jobs.trash.shown import trash_switch
from ui.polling import JOBS_SECONDS, poll_while
from ui.state import studio, user
from ui.texts import common
from ui.texts.jobs import jobs as texts
from ui.texts.jobs import search as list_texts
from ui.texts.jobs import trash as trash_texts
from ui.texts.team import sharing as sharing_texts

_VIEW: Final = "view"


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
    which = JobFilter(scope=scope, state=state, order=order, min_pose_score=min_score)
    _list(which.model_copy(update={"in_trash": trash_switch()}), _layout())


def _layout() -> Layout:
    """As the address has it: a link opens the same."""
    asked = next((each for each in Layout if each == st.query_params.get(_VIEW)), Layout.LIST)
    picked = st.segmented_control(
        list_texts.LAYOUT,
        list(Layout),
        key="jobs.view",
        required=True,
        default=asked,
        label_visibility="collapsed",
        format_func=lambda layout: list_texts.LAYOUTS[layout],
    )
    if picked and picked is not asked:
        st.query_params[_VIEW] = picked.value
    return picked or asked


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
def _list(job_filter: JobFilter, layout: Layout) -> None:
    limit = PER_PAGE[layout] * st.session_state.setdefault("jobs.pages", 1)
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
    if page.jobs:
        token = selection_token(job_filter)
        answer = show_rows(page.jobs, selected_job_id(), layout, token)
        if answer.pick:
            select_job(answer.pick)
            st.rerun()
    else:
        _empty_list(job_filter)
    if page.cursor and st.button(texts.SHOW_MORE, width="stretch"):
        st.session_state["jobs.pages"] += 1
        st.rerun(scope="fragment")


def _empty_list(job_filter: JobFilter) -> None:
    with st.container(key="empty", horizontal_alignment="center"):
        if job_filter.in_trash:
            st.caption(trash_texts.EMPTY)
        elif job_filter.order is JobOrder.POSE_SCORE:
            st.caption(texts.NO_SUCH_SCORE)
        elif job_filter.state:
            st.caption(texts.none_in_state(job_filter.state))
        elif said := sharing_texts.nothing_in(job_filter.scope):
            st.caption(said)
        else:
            st.markdown(f"#### {texts.EMPTY_TITLE}", anchors=False)
            st.caption(texts.EMPTY)
            st.page_link("../pages/generate.py", label=common.GENERATE, icon=":material/brush:")
