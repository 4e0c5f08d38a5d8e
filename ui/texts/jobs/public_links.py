"""Texts of public links: of their page, and of their place on a job."""

from datetime import UTC, datetime
from typing import Final

# ---- the page that anybody sees
TITLE: Final = "Shared pictures"
NO_ANSWER: Final = "The studio can't be reached at the moment. Try again in a minute."


def image(number: int) -> str:
    """An image for who doesn't see it, counting from 1."""
    return f"Picture {number}"


def name_of(created_at: datetime, job_id: str) -> str:
    """What a job is called everywhere; nobody knows the time zone of who reads it."""
    return f"{created_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC → {job_id}"


def until(moment: datetime) -> str:
    """When the link ends."""
    return f"Shown until {moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC."
