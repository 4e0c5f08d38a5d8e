"""Draws the job list: `time -> id`, newest first, live while a job is open."""

from collections.abc import Iterable
from typing import Any, Final

import streamlit as st

from core.records import Job, JobFilter, JobState
from ui import words
from ui.chosen_job import choose_job, chosen_job
from ui.components import mount
from ui.state import studio, user

_PAGE: Final = 50
_BY_TIME: Final = "Newest first"
_BY_POSE: Final = "Best pose first"


def job_list() -> None:
    """The filter and the list; it refreshes itself every 3 s while there are open jobs."""
    state = st.segmented_control(
        "State", list(JobState), key="jobs.state", format_func=lambda state: state.value,
        label_visibility="collapsed", bind="query-params",
    )  # fmt: skip
    st.segmented_control(
        "Order", [_BY_TIME, _BY_POSE], key="jobs.order", required=True, default=_BY_TIME,
        label_visibility="collapsed",
    )  # fmt: skip
    is_open = bool(studio().jobs.open(user()))
    st.fragment(_list, run_every=3 if is_open else None)(state, was_open=is_open)


def _list(state: JobState | None, *, was_open: bool) -> None:
    limit = _PAGE * st.session_state.setdefault("jobs.pages", 1)
    page = studio().jobs.page(user(), JobFilter(state=state), limit)
    best_first = st.session_state.get("jobs.order") == _BY_POSE
    jobs = by_pose_score(page.jobs) if best_first else page.jobs
    more = page.cursor is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        about = " with a pose score, best first" if best_first else ""
        st.caption(_count(len(jobs), more=more) + about, width="stretch")
        st.button("Refresh", icon=":material/refresh:", key="jobs.refresh", type="tertiary")
    if best_first and more:
        st.caption(f"The order is that of the newest {limit} jobs; older ones were not looked at.")
    if jobs:
        picked = mount(
            "job_list", "jobs.list", {"rows": [_row(job) for job in jobs],
            "chosen": chosen_job()}, on_pick_change=lambda: None,
        ).pick  # fmt: skip
        if picked:
            choose_job(picked)
            st.rerun()
    elif page.jobs:
        st.caption("None of these jobs has a pose score.")
    else:
        _nothing(state)
    if page.cursor and st.button("Show older jobs", width="stretch"):
        st.session_state["jobs.pages"] += 1
        st.rerun(scope="fragment")
    if was_open != bool(studio().jobs.open(user())):
        st.rerun()


def by_pose_score(jobs: Iterable[Job]) -> tuple[Job, ...]:
    """The jobs that have a pose score, the best first; of equal ones the newest."""
    scored = (job for job in jobs if job.pose_score is not None)
    return tuple(sorted(scored, key=lambda job: (job.pose_score or 0, job.id), reverse=True))


def _count(number: int, *, more: bool) -> str:
    return f"{number}{' newest' if more else ''} job{'' if number == 1 else 's'}"


def _row(job: Job) -> dict[str, Any]:
    is_open = job.state.is_open
    return {
        "id": job.id,
        "time": words.when(job.created_at),
        "prompt": words.headline(job.prompt),
        "state": job.state.value,
        "tone": words.TONES[job.state],
        "doing": words.doing(job) if is_open else _about(job),
        "share": job.step / job.steps if is_open and job.steps else 0,
        "thumb": _thumb(job),
    }


def _about(job: Job) -> str:
    pose = " · ControlNet" if job.units else ""
    score = "" if job.pose_score is None else f" · pose {job.pose_score:.2f}"
    return f"{job.checkpoint.removesuffix('.safetensors')} · {job.mode}{pose}{score}"


def _thumb(job: Job) -> str:
    if job.made:
        return studio().urls.thumbnail(job.id, 0)
    return ""


def _nothing(state: JobState | None) -> None:
    with st.container(key="empty", horizontal_alignment="center"):
        if state:
            st.caption(f"No job is {state} now.")
        else:
            st.markdown("#### No jobs yet", anchors=False)
            st.caption("Every picture you ask for is listed here, from the moment you ask.")
            st.page_link("../pages/generate.py", label="Generate", icon=":material/brush:")
