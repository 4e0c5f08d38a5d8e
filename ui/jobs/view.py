"""Draws one job as it is: live, with its pictures, or with the reason why there are none."""

from typing import Any

import streamlit as st

from core.jobs.records import Job, JobState
from core.jobs.service import JobDetail
from formats.keys import preview_key
from ui import routes
from ui.components import mount
from ui.jobs import actions
from ui.jobs.facts import detail_of, size_of
from ui.jobs.pose_score import pose_score
from ui.state import studio, user
from ui.texts import formatting


def draw_job(job: Job) -> JobDetail:
    """Head, picture and buttons of a job. Returns what is known of it."""
    detail = detail_of(job)
    _head(job)
    if job.state.is_open:
        _live(job, detail)
        actions.open_actions(job)
    elif job.state is JobState.SUCCEEDED:
        index = _pictures(job, detail)
        pose_score(job, index)
        actions.picture_actions(job, index)
    else:
        _ended_without(job)
        actions.closed_actions(job)
    return detail


def _head(job: Job) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if not job.state.is_open:  # the live component tells the state of an open one
            st.badge(job.state.value, color=formatting.TONES[job.state])
        st.caption(f"{formatting.when(job.created_at)} → {job.id}")


def _live(job: Job, detail: JobDetail) -> None:
    width, height = size_of(detail)
    preview = studio().tokens(preview_key(job.id))
    mount(
        "live_job",
        f"live.{job.id}",
        {
            "url": routes.status_url(studio(), user(), job.id),
            "width": width,
            "height": height,
            "status": routes.status_of(job, preview),
        },
        on_ended_change=lambda: None,
    )


def _pictures(job: Job, detail: JobDetail) -> int:
    """The viewer. Returns the index of the picture that is shown large."""
    key = f"viewer.{job.id}"
    chosen = min(int(st.session_state.get(key, {}).get("chosen", 0)), max(job.image_count - 1, 0))
    width, height = size_of(detail)
    urls = studio().urls
    items = [
        {
            "thumb": urls.thumbnail(job.id, index),
            "full": urls.output(job.id, index),
            "alt": formatting.headline(job.prompt),
            "width": width,
            "height": height,
        }
        for index in range(job.image_count)
    ]
    if items:
        mount(
            "viewer", key, {"items": items, "chosen": chosen, **_maps(job, detail)},
            default={"chosen": 0}, on_chosen_change=lambda: None,
        )  # fmt: skip
    return chosen


def _maps(job: Job, detail: JobDetail) -> dict[str, Any]:
    """The control maps by name, and which comes first: a pose, where there is one."""
    count = detail.result.maps if detail.result else 0
    units = detail.request.controlnets if detail.request else ()
    kinds = ["Pose" if unit.pose else "Map" for unit in units[:count]]
    kinds += ["Map"] * (count - len(kinds))
    names = kinds if count == 1 else [f"Unit {i}: {kind}" for i, kind in enumerate(kinds, 1)]
    maps = [{"name": name, "url": studio().urls.map(job.id, i)} for i, name in enumerate(names)]
    return {"maps": maps, "first": kinds.index("Pose") if "Pose" in kinds else 0}


def _ended_without(job: Job) -> None:
    if job.state is JobState.CANCELLED:
        st.info("Cancelled before there was a picture.", icon=":material/block:")
        return
    why = job.failure.message if job.failure else "The reason was not recorded."
    st.error(formatting.plain(why), title="No picture", icon=":material/error:")
