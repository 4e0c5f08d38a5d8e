"""Puts values into the words a user reads: sizes, times, states."""

import re
from datetime import UTC, datetime, tzinfo
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from core.jobs.records import Job, JobState
from core.settings import Settings
from formats.generation.progress import Stage
from formats.instance_hosts import types_of
from poses.scores.pose_score import PoseScore, ScoreMethod

_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~:$&=])")
_INDENT: Final = re.compile(r"^[ \t]+", re.MULTILINE)
_REPLACED_AFTER_PARSING: Final = re.compile(
    r"""
      :(?=(?:[\w+-]+:|material/))      # :streamlit:, :material/x:, emoji shortcodes
    | (?<=http)s?:(?=//) | www(?=\.)  # bare links
    | (?<=[\w.+-])(?=@)               # e-mail addresses
    | (?<!\S)[<>~-](?=[->=]+(?!\S))   # arrows and dashes
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""What Streamlit looks for in text whose backslashes are gone already."""

_WORD_JOINER: Final = "\N{WORD JOINER}"
"""No width and no break: it only keeps two characters from being read as one sign."""

Tone = Literal["gray", "blue", "green", "red"]

TONES: Final[dict[JobState, Tone]] = {
    JobState.QUEUED: "gray",
    JobState.RUNNING: "blue",
    JobState.SUCCEEDED: "green",
    JobState.FAILED: "red",
    JobState.CANCELLED: "gray",
}
"""Colour of a job's state, in Streamlit's names and in the components' classes."""

_NOT_SCORED: Final = (
    "Pose score: not scored. Nobody was recognised in the picture, and its ground is not plain "
    "enough to tell the figure from it."
)


def instance_types(instance_type: str) -> str:
    """An endpoint's instance type; of several the order in which AWS takes them."""
    return ", else ".join(types_of(instance_type))


def escape(text: str) -> str:
    """Text that Markdown shows as it stands: other people's words may hold any character.

    Indented lines begin at the margin, as Markdown would take them for code.
    """
    joined = _REPLACED_AFTER_PARSING.sub(rf"\g<0>{_WORD_JOINER}", _INDENT.sub("", text))
    return _MARKDOWN.sub(r"\\\1", joined)


def file_size(count: int) -> str:
    """Bytes in the unit that leaves one to three digits, as file managers write them."""
    value = float(count)
    for unit in ("B", "KB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def image_size(width: int, height: int) -> str:
    """`512 x 768`."""
    return f"{width} x {height}"


def mask_mode(inverted: bool) -> str:
    """Which side of the mask is drawn anew, as A1111 says it."""
    return "Inpaint not masked" if inverted else "Inpaint masked"


def percent(share: float) -> str:
    """`35 %`."""
    return f"{share * 100:.0f} %"


def viewers_zone() -> tzinfo:
    """The browser's time zone; UTC where it names none that is known."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def local_time(moment: datetime) -> datetime:
    """The moment in the viewer's zone."""
    return moment.astimezone(viewers_zone())


def from_local_time(clock: datetime) -> datetime:
    """What a clock shows in the viewer's zone, UTC."""
    return clock.replace(tzinfo=viewers_zone()).astimezone(UTC)


def date_time(moment: datetime) -> str:
    """`2026-11-22 21:40:07` in the viewer's zone."""
    return f"{local_time(moment):%Y-%m-%d %H:%M:%S}"


def duration(seconds: float) -> str:
    """`8 s`, `3 min 20 s` or `2 h 5 min`."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def time_since(moment: datetime) -> str:
    """How long ago that was."""
    return duration((datetime.now(UTC) - moment).total_seconds())


def number_of_instances(count: int) -> str:
    """`1 instance`, `2 instances`."""
    return "1 instance" if count == 1 else f"{count} instances"


def start_duration(settings: Settings) -> str:
    """About how long an endpoint needs from Creating to InService."""
    return "about half a minute" if settings.embedded else "about 5 to 8 minutes"


def progress_text(job: Job, waking: str = "") -> str:
    """What an open job is busy with: `drawing, step 7 of 20`, `fetching models, 12 MB of 2.1 GB`.

    `waking` is said of a queued one.
    """
    if job.cancelling:
        return "stopping"
    if job.state is JobState.QUEUED:
        return waking or "waiting for the endpoint"
    stage = job.stage or "starting"
    if job.stage == Stage.FETCHING and job.bytes_total:
        return f"{stage}, {file_size(job.bytes_done)} of {file_size(job.bytes_total)}"
    return f"{stage}, step {job.step} of {job.steps}" if job.steps and job.step else stage


def state_and_progress(job: Job, waking: str = "") -> str:
    """`running · drawing, step 7 of 20`."""
    return f"{job.state} · {progress_text(job, waking)}"


def headline(prompt: str) -> str:
    """The first line of a prompt, or a word for an empty one."""
    line = prompt.strip().partition("\n")[0]
    return line or "(no prompt)"


def pose_score(score: PoseScore) -> str:
    """`Pose score 0.87 by keypoints (OKS 0.87, PCK 0.92).`, or why there is none."""
    if score.value is None:
        return _NOT_SCORED
    if score.method is ScoreMethod.KEYPOINTS:
        measures = {"OKS": score.oks, "PCK": score.pck}
    else:
        measures = {"covered": score.cover, "inside": score.inside}
    parts = ", ".join(f"{name} {v:.2f}" for name, v in measures.items() if v is not None)
    return f"Pose score **{score.value:.2f}** by {score.method} ({parts})."
