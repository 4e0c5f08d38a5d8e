"""Texts of who may see a job or a pose."""

from collections.abc import Mapping, Sequence
from typing import Final

from core.jobs.records import JobScope
from core.team.permissions import Visibility

SCOPE: Final = "Whose jobs"
SHARE: Final = "Share"
QUESTION: Final = "Who may see it?"
VISIBILITY: Final = "Visibility"
VISIBILITIES: Final[Mapping[Visibility, str]] = {
    Visibility.PRIVATE: "Only I, and those whom I name",
    Visibility.TEAM: "Everybody in my team",
}
PEOPLE: Final = "People"
NOBODY: Final = "Nobody else"
SAVE: Final = "Save"
JOB_NOTE: Final = (
    "They see its prompt and pictures, and may start from them. It counts at once; what somebody "
    "has saved meanwhile, they keep."
)
POSE_NOTE: Final = "They find it in the pose library, and may draw with it. It counts at once."
PRIVATE_POSE: Final = "Only I find it"
PRIVATE_POSE_HELP: Final = (
    "Counts for a new pose. Its owner shares it with people or the team in the pose library."
)
NO_SHARED: Final = "Nobody has shared a job with you."
NO_TEAM_JOB: Final = "Nobody shows a job to the whole team yet."

NOT_YOURS_TITLE: Final = "A private job"


def mark(visibility: Visibility, people: int) -> str:
    """Who sees one's own job or pose, in a word or two."""
    if visibility is Visibility.TEAM:
        return "team"
    return f"shared with {people}" if people else "private"


def now(visibility: Visibility, people: Sequence[str]) -> str:
    """Who sees it, as a sentence."""
    if visibility is Visibility.TEAM:
        return "Everybody in your team sees it."
    return f"You and {', '.join(people)} see it." if people else "Only you see it."


def private_job(owner: str) -> str:
    """In place of the prompt, of a job that its owner keeps to themselves."""
    return f"private job of {owner}"


def not_yours(owner: str, endpoint: str) -> str:
    """In place of a private job's details."""
    return f"{owner} keeps the prompt and pictures of this job on {endpoint} private. Ask them."


def nothing_in(scope: JobScope) -> str:
    """In place of an empty list; empty where there is nothing to say but that there are no jobs."""
    return {JobScope.SHARED: NO_SHARED, JobScope.TEAM: NO_TEAM_JOB}.get(scope, "")
