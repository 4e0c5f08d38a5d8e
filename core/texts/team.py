"""Texts of the team: what somebody may not do, and how to get there."""

from collections.abc import Mapping
from typing import Final


def not_yours_to_see(kind: str) -> str:
    """The user may not look at it."""
    return f"You may not see this {kind}. Ask its owner to share it, or an admin of your team."


def not_yours_to_use(kind: str) -> str:
    """The user may not work with it."""
    return f"Your role does not let you use this {kind}. Ask an admin of your team for another."


def not_yours_to_create(kind: str) -> str:
    """The user may not make one."""
    return f"Your role does not let you make a new {kind}. Ask an admin of your team for another."


def not_yours_to_change(kind: str) -> str:
    """The user may not change it."""
    return f"You may not change this {kind}. Ask its owner, or an admin of your team."


def not_yours_to_delete(kind: str) -> str:
    """The user may not delete it."""
    return f"You may not delete this {kind}. Ask its owner, or an admin of your team."


def not_yours_to_share(kind: str) -> str:
    """The user may not share it."""
    return f"Only its owner may share this {kind} or hand it over. Ask them."


def under_maintenance(message: str) -> str:
    """Nothing new may begin."""
    told = f" {message}" if message else ""
    return f"The studio is under maintenance: what runs ends, nothing new begins.{told} Try later."


def announcement_range(length: int) -> str:
    """A message is too long."""
    return f"Write up to {length} characters."


IS_DISABLED: Final = "An admin of your team has disabled your account here. Ask them."

SPAN_IS_EMPTY: Final = "The last day is before the first one. Choose them the other way round."


def audit_lost(count: int) -> str:
    """Entries that only the log has."""
    return (
        f"This dashboard could not keep {count:,} entries of the audit since it started; its log "
        "has a line for each (`audit_lost`)."
    )


def audit_waits(count: int, problem: str) -> str:
    """Entries wait for the store."""
    return f"{count + 1:,} entries wait until they can be stored: {problem}"


POLICY_HAS_CHANGED: Final = (
    "Another admin changed the policy meanwhile. Nothing was saved. Reload the page, and change it "
    "again."
)


def word_is_blocked(word: str) -> str:
    """A prompt has a word that the policy blocks."""
    return f"Your team has blocked the word “{word}”. Take it out of the prompt."


def checkpoint_not_for_role(checkpoint: str, role: str) -> str:
    """The policy keeps a checkpoint from a role."""
    return (
        f"Your team's policy does not let a person with the role {role} use {checkpoint}. Choose "
        "another checkpoint, or ask an admin of your team."
    )


def pattern_range(number: int, length: int) -> str:
    """Too many patterns of file names, or one too long."""
    return f"A role has up to {number} file names of up to {length} characters."


def word_range(number: int, length: int) -> str:
    """Too many blocked words, or one too long."""
    return f"Give up to {number} blocked words of up to {length} characters."


def key_title_range(length: int) -> str:
    """A key without a name, or with one too long."""
    return f"Give the key a name of 1 to {length} characters."


KEY_WITHOUT_SCOPE: Final = "Choose at least one thing that the key may do."


def key_days_range(days: int) -> str:
    """A key that would be good for too long."""
    return f"A key is good for 1 to {days} days."


def too_many_keys(number: int) -> str:
    """Somebody has as many keys as they may."""
    return f"You have {number} keys, which is as many as one person may. Revoke one first."


KEY_IS_GONE: Final = "There is no such key, or not any more. Reload the page."

KEY_REFUSALS: Final[Mapping[str, str]] = {
    "missing_key": "Send an API key in the header Authorization, after the word Bearer.",
    "malformed_key": "This is no API key. It begins with cpk_ and was shown when it was made.",
    "unknown_key": "This key does not count, or not any more. Make another one on the page Team.",
    "expired_key": "This key has expired. Make another one on the page Team.",
}


def key_lacks_scope(scope: str) -> str:
    """A key is not good for what was asked."""
    return f"This key may not {scope}. Make another one on the page Team that may."


LAST_ADMIN: Final = (
    "This is the last admin of your team. Make somebody else an admin first; then the role can be "
    "taken."
)
ADMIN_OF_THE_SETTINGS: Final = (
    "The setting CONTRAPPOSTO_ADMINS names this person as an admin, so that nobody locks the team "
    "out. Take them out of the setting and start the dashboard anew; then this can be changed here."
)
IS_BEING_REMOVED: Final = "This person is being removed, and nothing of them can be changed."
PERSON_IS_GONE: Final = "This person is not in the team, or not any more. Reload the page."
PEOPLE_ARE_BUSY: Final = "Others change the team at this moment. Try again."


def type_the_title(title: str) -> str:
    """A removal is confirmed by typing whom it removes."""
    return f"Type {title} to remove this person."


MOVE_IS_UNDER_WAY: Final = (
    "What there is is being handed to somebody else. Wait until that is done, then try again."
)


def jobs_still_run(number: int) -> str:
    """Jobs that were cancelled and have not ended yet."""
    if number == 1:
        return "One job was cancelled and has not ended yet. It is removed as soon as it has."
    return f"{number} jobs were cancelled and have not ended yet. They are removed when they have."


def drafts_stay(reason: str) -> str:
    """What somebody typed could not be deleted from the dashboard's disk."""
    return f"The drafts can't be deleted from the dashboard's disk: {reason}. It is tried again."


HEIR_IS_GONE: Final = "Who was to get it is not in the team any more. Choose somebody else."


def too_many_people(limit: int) -> str:
    """More people than one item may be shared with."""
    return f"It can be shared with at most {limit} people. Show it to the whole team instead."


def not_of_the_team(name: str) -> str:
    """Somebody who never signed in here."""
    return f"{name} is not in this team yet. Ask them to sign in once, then share it again."


def was_removed(hours: float) -> str:
    """Somebody who was removed can't come back by a login that they still have."""
    return (
        "You were removed from this team. Once every login of then has ended, which takes "
        f"{hours:g} hours, you can join anew. Ask an admin of your team."
    )
