"""Texts of the search of jobs, and of the collections that jobs are put into."""

from typing import Final

NO_INDEX: Final = (
    "The jobs can't be searched: the DynamoDB table lacks the index by-change, or is being given "
    "it. An admin adds it on the page Setup, or with `contrapposto doctor --repair`."
)
BAD_PLACE: Final = "This page of the list is gone. Load the list again."
COLLECTION_IS_GONE: Final = "This collection is not there any more."
NO_TITLE: Final = "Give the collection a title."


def title_too_long(most: int) -> str:
    """Of a collection."""
    return f"A title has {most} characters at most."


def too_many_collections(most: int) -> str:
    """Of the team."""
    return f"The team has {most} collections already. Delete one first."


def collection_is_full(most: int) -> str:
    """As many jobs as fit."""
    return f"A collection holds {most} jobs at most."


def in_too_many(most: int) -> str:
    """Of one job."""
    return f"A job can be in {most} collections at most."
