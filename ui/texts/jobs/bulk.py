"""Texts of the bar over the jobs that are selected."""

from collections.abc import Sequence
from typing import Final

RETRY: Final = "Retry failed"
CANCEL: Final = "Cancel open"
TAGS: Final = "Tags"
TAGS_TITLE: Final = "Tags of the selected jobs"
ADD_TAGS: Final = "Add tags"
REMOVE_TAGS: Final = "Remove tags"
TAGS_HELP: Final = "Several are parted by commas."
SAVE_TAGS: Final = "Save tags"
COLLECT: Final = "Add to collection"
COLLECTION: Final = "Collection"
ADD: Final = "Add"
ZIP: Final = "Download zip"
ZIP_HELP: Final = "The original PNGs with their parameters inside, and a table of the jobs"
ARCHIVE_NAME: Final = "jobs"
CANCEL_QUESTION: Final = "Cancel the open ones?"


def selected(count: int) -> str:
    """How many jobs are selected."""
    return f"{_jobs(count)} selected"


def select_whole(found: int, most: int) -> str:
    """Takes what the other pages of the list have, too."""
    return f"Select all {found:,}" if found <= most else f"Select the first {most:,} of {found:,}"


def too_many(count: int, most: int) -> str:
    """More than can be done at once."""
    return f"{count:,} jobs are selected; {most:,} are the most at once. Select fewer."


def done(count: int) -> str:
    """In passing, after it was done."""
    return f"Done with {_jobs(count)}"


def cancel(count: int) -> str:
    """What the user is asked before."""
    return f"Of {_jobs(count)} those that are open stop; pictures that were made stay."


def reason(message: str, count: int) -> str:
    """One reason with the number of jobs that it is about."""
    return f"{_jobs(count)}: {message}"


def left_out(done: int, left: int, reasons: Sequence[str], rest: int) -> str:
    """What was done with how many jobs, and why not with the others; each reason is a sentence."""
    more = [f"{_jobs(rest)} for other reasons."] if rest else []
    return " ".join((f"Done with {done:,} of {_jobs(done + left)}.", *reasons, *more))


def _jobs(count: int) -> str:
    return "1 job" if count == 1 else f"{count:,} jobs"
