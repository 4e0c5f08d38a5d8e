"""Texts of the team: messages to everybody, and the alerts of one's own jobs."""

from typing import Final

# ---- a message to everybody
ANNOUNCEMENT: Final = "Message to everybody"
ANNOUNCEMENT_PLACEHOLDER: Final = "Stands above every page until you empty it."
MAINTENANCE: Final = "Maintenance"
MAINTENANCE_HELP: Final = (
    "What runs ends; nobody but admins can begin anything new: no jobs, uploads or endpoints."
)
PUBLISH: Final = "Tell everybody"
_UNDER_MAINTENANCE: Final = "Maintenance: what runs ends, nothing new begins."


def announcement(text: str, *, is_maintenance: bool) -> str:
    """The message as everybody reads it."""
    return f"{_UNDER_MAINTENANCE} {text}".strip() if is_maintenance else text


# ---- the end of one's own jobs
ALERTS: Final = {
    "allow": "Tell me when my jobs end",
    "allowed": "This browser tells you when a job of yours ends.",
    "denied": "This browser does not let the studio tell you; its settings for this site do.",
}
"""What the component in the browser says."""


def job_has_ended(time: str, state: str) -> str:
    """The heading of an alert."""
    return f"Job of {time}: {state}"
