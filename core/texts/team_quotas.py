"""Texts of what each person of the team may use: refusals, with the way out."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

_NAMES: Final[Mapping[str, str]] = {
    "open_jobs": "Jobs queued or running at once",
    "images_per_day": "Images a day",
    "megapixel_steps_per_day": "Megapixel-steps a day",
    "model_bytes": "Model files",
    "endpoints": "Endpoints",
    "dollars_per_month": "Cost of jobs a month",
}

_WAYS_OUT: Final[Mapping[str, str]] = {
    "open_jobs": "Wait until a job of yours ends, or cancel one.",
    "model_bytes": "Delete a model file of yours.",
    "endpoints": "Delete an endpoint of yours.",
}

_ASK: Final = "An admin of your team can give you more."

IS_NO_LIMIT: Final = "A limit is 0 or more, and a whole number for what is counted one by one."


def name(quota: str) -> str:
    """What is limited, as a label."""
    return _NAMES[quota]


def amount(quota: str, value: float) -> str:
    """So much of what a quota counts: `1,000`, `98.3 GB` or `$4.20`."""
    if quota == "dollars_per_month":
        return f"${value:,.2f}"
    if quota == "model_bytes":
        return f"{value / 1e9:,.1f} GB"
    return f"{value:,.1f}".removesuffix(".0")


def exceeded(
    quota: str, used: float, wanted: float, limit: float, resets_at: datetime | None
) -> str:
    """What is used, the limit, when it begins anew or what to do, and whom to ask."""
    parts = [f"{name(quota)}: {amount(quota, used)} of {amount(quota, limit)} used"]
    if wanted:
        parts.append(f", this needs {amount(quota, wanted)}")
    parts.append(f". {_WAYS_OUT[quota]}" if resets_at is None else f". {_begins_anew(resets_at)}")
    return f"{''.join(parts)} {_ASK}"


def _begins_anew(moment: datetime) -> str:
    return f"It begins anew at {moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC."
