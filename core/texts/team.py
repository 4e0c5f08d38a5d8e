"""Texts of the team: what somebody may not do, and how to get there."""

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


def too_many_people(limit: int) -> str:
    """More people than one item may be shared with."""
    return f"It can be shared with at most {limit} people. Show it to the whole team instead."


def not_of_the_team(name: str) -> str:
    """Somebody who never signed in here."""
    return f"{name} is not in this team yet. Ask them to sign in once, then share it again."
