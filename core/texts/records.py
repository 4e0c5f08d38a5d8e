"""Texts of records: why one can't be stored, and what the store was asked for."""

from typing import Final

KEY_RULE: Final = "Owners and ids have 1 to 256 characters, without line breaks."
PAGE_IS_GONE: Final = "This page of the list is gone. Start from the top."

READING_FAILED: Final = "Reading a record failed"
STORING_FAILED: Final = "Storing a record failed"
DELETING_FAILED: Final = "Deleting a record failed"
LISTING_FAILED: Final = "Listing the records failed"


def too_large(kind: str, size: int, limit: int) -> str:
    """A value beyond the limit, in bytes."""
    return (
        f"This {kind} has {size // 1000} KB, and a record holds {limit // 1000} KB at most. "
        "Make it smaller."
    )


def exists(kind: str, record_id: str) -> str:
    """Adding one that is there."""
    return f"There is a {kind} {record_id} already."


def has_changed(kind: str, record_id: str) -> str:
    """Somebody wrote since it was read."""
    return f"Somebody else changed the {kind} {record_id} meanwhile. Look at it again."


def is_busy(kind: str, record_id: str) -> str:
    """Each try met another one's write."""
    return f"The {kind} {record_id} is being changed all the time. Try again."
