"""Texts of the team's policy."""

from typing import Final

from core.team.permissions import Visibility

ABOUT: Final = "Holds for everybody, admins too. Another dashboard follows within ten seconds."
VISIBILITY: Final = "New jobs are"
VISIBILITIES: Final[dict[Visibility, str]] = {
    Visibility.PRIVATE: "private",
    Visibility.TEAM: "the team's to see",
}
PUBLIC_LINKS: Final = "Owners may make public links of their jobs"
PUBLIC_LINKS_HELP: Final = (
    "Whoever has such a link sees the job's pictures without signing in, for at most 30 days. "
    "Switched off, every link shows nothing at once."
)
BLOCKED_WORDS: Final = "Blocked words, one a line"
BLOCKED_WORDS_HELP: Final = "Whole words in any case, in the prompt and the negative prompt."
CHECKPOINTS: Final = "Checkpoints by role"
CHECKPOINTS_HELP: Final = (
    "File names, one a line, * for any characters. A role without any may use all."
)
CHECKPOINTS_PLACEHOLDER: Final = "all"
SAVE: Final = "Save the policy"
SAVED: Final = "The policy is saved."


def checkpoints_of(role: str) -> str:
    """The field of one role."""
    return f"{role} may use"
