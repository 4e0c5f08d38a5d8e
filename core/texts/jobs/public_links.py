"""Texts about links that show a job to anybody who has them."""

from typing import Final

NOT_ALLOWED: Final = (
    "Your team's policy does not allow public links. An admin can allow them on the page Team."
)
NO_IMAGE: Final = "This job has no picture that a public link could show."
IS_GONE: Final = "There is nothing here, or it is not shown any more."


def days_range(most: int) -> str:
    """How long a link may be good for."""
    return f"Choose 1 to {most} days."


def too_many_links(most: int) -> str:
    """A job has as many as it may have."""
    return f"A job has at most {most} public links. Revoke one of them first."
