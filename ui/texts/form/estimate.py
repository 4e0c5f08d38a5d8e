"""Texts of the line at the button: what a click will take."""

from typing import Final

NOT_KNOWN: Final = "Time not known yet: nothing with this checkpoint was measured on this endpoint."
NOT_MEASURED: Final = "Enlarging is not measured, so its time is not known."
FEW: Final = 3
"""Estimates from which on their error says something."""


def seconds(duration: str) -> str:
    """How long it takes to generate."""
    return f"about {duration} of generating"


def error(compared: int, share: float) -> str:
    """What the last estimates were off by, as a median."""
    return f"the last {compared} were off by {share:.0%} in the middle"


def price(dollars: str) -> str:
    """What it costs."""
    return f"about {dollars}"


def ahead(jobs: int, duration: str) -> str:
    """The jobs before it; the duration is empty where it is not known."""
    first = "1 job before it" if jobs == 1 else f"{jobs:,} jobs before it"
    return f"{first}, about {duration}" if duration else first


def waking(duration: str) -> str:
    """No instance runs yet."""
    return f"an instance starts first, {duration}"


def jobs(count: int, images: int) -> str:
    """More than one job or image."""
    shown = f"{images:,} pictures"
    return shown if count == 1 else f"{count:,} jobs, {shown}"
