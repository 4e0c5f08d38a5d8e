"""Texts of the search of jobs, and of the collections that jobs are put into."""

from typing import Final

NO_INDEX: Final = (
    "The jobs can't be searched: the DynamoDB table lacks the index by-change, or is being given "
    "it. An admin adds it on the page Setup, or with `contrapposto doctor --repair`."
)
BAD_PLACE: Final = "This page of the list is gone. Load the list again."
COLLECTION_IS_GONE: Final = "This collection is not there any more."
CHANGED_TOO_OFTEN: Final = "Others changed this job at the same moment. Try again."
NO_TITLE: Final = "Give the collection a title."


def title_too_long(most: int) -> str:
    """Of a collection."""
    return f"A title has {most} characters at most."


def too_many_collections(most: int) -> str:
    """Of the team."""
    return f"The team has {most} collections already. Delete one first."


def too_many_stars(most: int) -> str:
    """On one job."""
    return f"It is the favourite of {most} people already, which is all that its record holds."


def in_too_many(most: int) -> str:
    """Of one job."""
    return f"A job can be in {most} collections at most."
