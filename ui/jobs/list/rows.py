"""What the list component is told of a job, and what it answers."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple

from core.jobs.records import Job
from core.team.users import User
from ui.components import mount
from ui.components.sharing_fields import title_of
from ui.jobs.detail.sharing import mark_of
from ui.jobs.list.bulk_selection import selected_ids
from ui.jobs.list.waiting import waiting_text
from ui.state import studio, user
from ui.texts import formatting
from ui.texts.jobs import jobs as texts
from ui.texts.jobs import search as list_texts
from ui.texts.team import sharing as sharing_texts


class Layout(StrEnum):
    """How the jobs are laid out; the value stands in the address."""

    LIST = "list"
    GALLERY = "gallery"


PER_PAGE: Final = {Layout.LIST: 50, Layout.GALLERY: 60}


class Answer(NamedTuple):
    """What somebody did in the list."""

    pick: str
    """The id of the job to show; empty where none was clicked."""
    selected: list[str]
    star: str
    """The id of the job whose star was clicked; empty for none."""


def show_rows(jobs: Sequence[Job], shown: str, layout: Layout, token: str) -> Answer:
    """Draw the jobs; `shown` is the one whose details are open, `token` names the list."""
    me = user()  # asked once: there may be hundreds of rows
    answer = mount(
        "jobs/job_list",
        "jobs.list",
        {
            "rows": [_row(job, me) for job in jobs],
            "chosen": shown,
            "gallery": layout is Layout.GALLERY,
            "token": token,
            "texts": list_texts.LIST,
        },
        on_pick_change=lambda: None,
        on_selection_change=lambda: None,
        on_star_change=lambda: None,
    )
    selected = selected_ids(answer.selection, token)
    return Answer(answer.pick or "", selected, answer.star or "")


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
        "tags": list(job.tags),
        "starred": me.name in job.starred_by,
    }


def _progress(job: Job, me: User) -> str:
    return formatting.progress_text(job, waiting_text(job, me.name))


def _summary(job: Job) -> str:
    checkpoint = (job.checkpoint or "").removesuffix(".safetensors")
    return texts.summary(checkpoint, job.mode, has_units=job.units > 0, score=job.pose_score)


def _thumbnail_url(job: Job, me: User) -> str:
    return studio().urls(me).thumbnail(job.id, 0, job.bucket) if job.image_count else ""
