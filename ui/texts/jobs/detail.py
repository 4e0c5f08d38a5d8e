"""Texts of one job: its viewer, where its time went, what was applied, and what is copied of it."""

from collections.abc import Sequence
from typing import Final

from core.jobs.detail.timeline import StageSpan
from formats.generation.result import AppliedModel
from ui.texts.costs import dollars
from ui.texts.formatting import duration, file_size

# ---- the viewer
VIEWER: Final = {
    "picture": "Picture",
    "overlay": "Overlay",
    "map": "Map",
    "views": "What is shown",
    "maps": "Which map",
    "original": "Open the original",
    "pictures": "Pictures of this job",
    "viewer": "Picture. Arrow keys: other pictures; + and - zoom, 0 fits, 1 is 1:1, F full screen",
    "keys": "← → other pictures · + − zoom · 0 fit · 1 1:1 · F full screen",
    "place": "Picture {0} of {1}",
    "zoom": "Zoom",
    "zoom_in": "Zoom in",
    "zoom_out": "Zoom out",
    "fit": "Fit",
    "fit_help": "Fit the whole picture",
    "actual": "One pixel of the picture for each of the screen",
    "full_screen": "Full screen",
}

# ---- where the time went
TIMELINE: Final = "Where the time went"
STAGE: Final = "Stage"
TIME: Final = "Time"
SHARE_OF_TIME: Final = "Share"

# ---- what was applied
APPLIED: Final = "What was applied"
MODEL: Final = "Model file"
HASH: Final = "Hash"
HOW: Final = "How"
SAMPLER_CLASS: Final = "Sampler in diffusers"
PREDICTION: Final = "The checkpoint predicts"
PREDICTIONS: Final = {"epsilon": "the noise (epsilon)", "v_prediction": "the velocity (v)"}
NOT_APPLIED: Final = "Nothing is known: the container wrote no result."
UNMATCHED_HELP: Final = (
    "Layers of a LoRA that the checkpoint does not have change nothing; it may be for another "
    "family of models."
)

# ---- what is copied
COPY: Final = {
    "group": "Copy",
    "copied": "Copied",
    "failed": "The browser did not let it be copied",
}
COPY_LINK: Final = "Copy link"
COPY_INFOTEXT: Final = "Copy infotext"
COPY_PROMPT: Final = "Copy prompt"
COPY_SEED: Final = "Copy seed"
ONLY_YOU: Final = "Only you can open this link."
ONLY_SOME: Final = "You and whom you shared the job with can open this link."
SHOW_TEAM: Final = "Let my team see it"

# ---- again
RUN_ELSEWHERE: Final = "Run again on …"
RUN_ELSEWHERE_ABOUT: Final = (
    "The same request with the same seed, as a new job. Permissions, quotas and costs are those of "
    "a retry."
)
NO_OTHER_ENDPOINT: Final = "No other endpoint is InService."


def timeline_summary(spans: Sequence[StageSpan]) -> str:
    """The stages and their times, for who doesn't see the bar."""
    return ", ".join(f"{span.stage} {precise(span.seconds)}" for span in spans)


def total(seconds: float) -> str:
    """From the click to the end, or until now."""
    return f"{precise(seconds)} in all"


def precise(seconds: float) -> str:
    """`0.4 s` below ten seconds, else whole ones."""
    return f"{seconds:.1f} s" if seconds < 9.95 else duration(seconds)


def downloading(size: int) -> str:
    """What came from S3 meanwhile."""
    return f"({file_size(size)})"


def applied_how(model: AppliedModel) -> str:
    """`weight 0.8, text encoder 0.5, 264 layers applied, 2 without effect, from disk`."""
    parts = []
    if model.weight is not None:
        parts.append(f"weight {model.weight:g}")
    if model.text_encoder_weight is not None:
        parts.append(f"text encoder {model.text_encoder_weight:g}")
    if model.keys_matched is not None:
        parts.append(f"{model.keys_matched} layers applied")
    if model.keys_unmatched:
        parts.append(f"{model.keys_unmatched} without effect")
    if model.tier:
        parts.append(f"from {model.tier}")
    if model.size is not None:
        parts.append(file_size(model.size))
    return ", ".join(parts)


def run_on(endpoint: str, per_hour: float | None) -> str:
    """A button of the choice: the endpoint, and the price of its instance where that is known."""
    return f"{endpoint} · {dollars(per_hour)} an hour" if per_hour else endpoint
