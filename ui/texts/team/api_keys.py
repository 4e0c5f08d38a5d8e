"""Texts of API keys."""

from typing import Final

from core.team.api_keys import Scope

MY_KEYS: Final = "My API keys"
ABOUT: Final = (
    "A program shows a key instead of signing in. It may what you may, within the key's scopes."
)
NONE: Final = "You have no keys."
NONE_OF_TEAM: Final = "Nobody has a key."
NOT_FOR_VIEWERS: Final = "A viewer makes no keys. Ask an admin of your team for another role."

NEW: Final = "New key"
TITLE: Final = "Name of the key"
TITLE_PLACEHOLDER: Final = "What is it for?"
SCOPES: Final = "It may"
SCOPE_HELP: Final = (
    "read: look at things. generate: make jobs. manage: endpoints, models and the team."
)
DAYS: Final = "Good for days"
CREATE: Final = "Make a key"

SHOWN_ONCE: Final = "Copy the key now: it is not kept and never shown again."
HIDE: Final = "I have copied it"

COLUMN_TITLE: Final = "Name"
COLUMN_OWNER: Final = "Person"
COLUMN_SCOPES: Final = "It may"
COLUMN_CREATED: Final = "Made"
COLUMN_EXPIRES: Final = "Expires"
COLUMN_USED: Final = "Last used"
NEVER: Final = "never"

REVOKE_WHICH: Final = "Revoke a key"
REVOKE_PLACEHOLDER: Final = "Choose which"
REVOKE: Final = "Revoke"
REVOKE_QUESTION: Final = "Revoke this key?"


def scopes(found: tuple[Scope, ...]) -> str:
    """`read, generate`."""
    return ", ".join(found)


def named_key(title: str, owner: str) -> str:
    """A key with whose it is."""
    return f"{title}, of {owner}"


def revocation(title: str) -> str:
    """What revoking does."""
    return f"Programs that use {title} are refused from now on. It can't be undone."
