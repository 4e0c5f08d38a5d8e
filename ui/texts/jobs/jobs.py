"""Texts of the page Jobs, and of a job wherever it is shown."""

from typing import Final

from poses.scores.pose_score import PoseScore
from ui.texts.formatting import pose_score

# ---- the list
STATE: Final = "State"
ORDER: Final = "Order"
MIN_SCORE: Final = "Pose score of at least"
MIN_SCORE_HELP: Final = "Jobs that were not scored are left out of this order."
SHOW_MORE: Final = "Show more jobs"
EMPTY_TITLE: Final = "No jobs yet"
EMPTY: Final = "Every picture you ask for is listed here, from the moment you ask."

# ---- one job
USE_AS_THUMBNAIL: Final = "Use as a model's picture"
USE_AS_THUMBNAIL_ABOUT: Final = "Everybody who may see the model sees it on its card."
ALL_JOBS: Final = "All jobs"
PROMPT: Final = "Prompt"
NEGATIVE_PROMPT: Final = "Negative prompt"
EMPTY_PROMPT: Final = "*empty*"
OPENPOSE_MAP: Final = "OpenPose map"
CONTROL_MAPS: Final = "Control maps"
MAP_ALT: Final = "A map that steered the picture"
PARAMETERS: Final = "Parameters"
CONTAINER_LOG: Final = "Container log"
CONTAINER_LOG_HELP: Final = "Reads the lines that name this job from CloudWatch Logs."
NO_CONTAINER_LOG: Final = (
    "The container's log has no line of this job: it was not started, its lines are still on their "
    "way, or they were kept long enough."
)
INFOTEXT: Final = "The same as text, as A1111 writes it"

NO_JOB_TITLE: Final = "Your picture appears here"
NO_JOB: Final = "Write a prompt and press Generate on Cloud."
CANCELLED: Final = "Cancelled before there was a picture."
NO_IMAGE_TITLE: Final = "No picture"
NO_REASON: Final = "The reason was not recorded."
POSE_SCORE_HELP: Final = "1 is a picture that follows the pose exactly."

# ---- the line
HOLD: Final = "Hold my queue"
RESUME: Final = "Resume my queue"
HOLD_HELP: Final = "What was sent goes on; your other jobs wait until you resume."
CANCEL_ALL: Final = "Cancel all of mine"
CANCEL_ALL_QUESTION: Final = "Cancel all of your jobs?"
MOVE_TO_FRONT: Final = "Move to front"
MOVE_TO_FRONT_HELP: Final = "Sends this job before your others; nobody else's place changes."
OWN_QUEUE_HELD: Final = "on hold: resume your queue to send it"
QUEUE_HELD: Final = "on hold"
IN_MAINTENANCE: Final = "waiting for the end of the maintenance"

# ---- what can be done with it
CANCEL: Final = "Cancel"
SAVE: Final = "Save"
SAVE_HELP: Final = "The original PNG, with its parameters inside"
RE_POSE: Final = "Re-pose"
SEND_TO_IMG2IMG: Final = "Send to img2img"
SEND_TO_INPAINT: Final = "Send to inpaint"
SEND_TO_OUTPAINT: Final = "Send to outpaint"
SEND_TO_UPSCALE: Final = "Send to upscale"
SEND_TO_CONTROLNET: Final = "Send to ControlNet"
REUSE: Final = "Reuse parameters"
RETRY: Final = "Retry"

# ---- what the components in the browser say
LIVE: Final = {
    "progress": "Progress of the job",
    "no_answer": "waiting for the dashboard",
}
POSE_MAP: Final = "Pose"
OTHER_MAP: Final = "Map"


def count(number: int, *, has_more: bool) -> str:
    """How many jobs are listed, newest first."""
    jobs = "job" if number == 1 else "jobs"
    return f"{number} newest {jobs}" if has_more else f"{number} {jobs}"


def held(waiting: int) -> str:
    """Above the list while the user holds their queue."""
    jobs = "job waits" if waiting == 1 else "jobs wait"
    return f"Your queue is on hold: {waiting} {jobs} until you resume it."


def cancel_all(number: int) -> str:
    """What the user is asked before."""
    jobs = "job is" if number == 1 else "jobs are"
    return f"{number} {jobs} cancelled; what was made until then stays."


def line_position(number: int, own_before: int) -> str:
    """`3rd in line, 2 of yours before it`; the first in line is 1."""
    place = "next in line" if number == 1 else f"{_ordinal(number)} in line"
    return f"{place}, {own_before} of yours before it" if own_before else place


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in {11, 12, 13} else ending}"


def summary(checkpoint: str, mode: str, *, has_units: bool, score: float | None) -> str:
    """What a finished job was, in one line: `dreamer · txt2img · ControlNet · pose 0.87`."""
    parts = [
        checkpoint,
        mode,
        "ControlNet" if has_units else "",
        "" if score is None else f"pose {score:.2f}",
    ]
    return " · ".join(part for part in parts if part)


def more_open(number: int) -> str:
    """How many other jobs are not finished."""
    return f"{number} more at work or waiting"


def image_number(number: int) -> str:
    """A small image in the viewer, counting from 1."""
    return f"Picture {number}"


def map_of_unit(number: int, kind: str) -> str:
    """A control map where there are several; units count from 1."""
    return f"Unit {number}: {kind}"


def map_alt(name: str) -> str:
    """A control map for who doesn't see it."""
    return f"The map that steered the picture: {name}"


def pose_scores(score: PoseScore, images: int, mean: float | None) -> str:
    """The score of one image, and the mean where there are several."""
    if images < 2 or mean is None:
        return pose_score(score)
    return f"{pose_score(score)} All {images} pictures in the mean: {mean:.2f}."


def thumbnail_of(title: str, kind: str) -> str:
    """A model that the image may stand for, in Markdown."""
    return f"{title} · {kind}"


def thumbnail_set(title: str) -> str:
    """The image stands on a model's card now."""
    return f"It is on the card of {title} now."
