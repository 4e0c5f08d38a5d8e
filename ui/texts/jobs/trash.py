"""Texts of the trash of jobs."""

from typing import Final

TRASH: Final = "Move to trash"
SHOW: Final = "Trash"
ABOUT: Final = "Jobs that were moved to the trash in the last 30 days"
EMPTY: Final = "Nothing is in the trash. What you move there can be restored for 30 days."
UNDO: Final = "Undo"
DISMISS: Final = "Dismiss"
RESTORE: Final = "Restore"
DELETE_FOR_GOOD: Final = "Delete for good"
DELETE_QUESTION: Final = "Delete for good?"
BEING_DELETED: Final = "This job is being deleted; what is left of it goes within the hour."
IN_TRASH: Final = "in the trash"


def moved(count: int) -> str:
    """Above the job, beside Undo."""
    return f"{_jobs(count)} moved to the trash"


def in_trash(until: str) -> str:
    """Of a job in the trash; the day until which it is kept."""
    return f"This job is in the trash, and can be restored until {until}."


def deletion(count: int) -> str:
    """What deleting for good does."""
    if count == 1:
        return "The job's pictures are removed from S3. Nothing brings them back."
    return f"{count:,} jobs are removed from S3 with their pictures. Nothing brings them back."


def _jobs(count: int) -> str:
    return "1 job was" if count == 1 else f"{count:,} jobs were"
