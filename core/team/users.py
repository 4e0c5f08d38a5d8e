"""The person behind a click, and the role that says how much they may."""

from enum import StrEnum
from typing import Final

from pydantic import Field

from formats.frozen import Frozen
from formats.limits import MAX_NAME


class Role(StrEnum):
    """What a person is in the team, the least first; the value is the word a user reads."""

    VIEWER = "viewer"
    ARTIST = "artist"
    OPERATOR = "operator"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """0 for the least; a role may all that a lower one may."""
        return list(Role).index(self)

    def is_at_least(self, role: "Role") -> bool:
        """Whether it may what `role` may."""
        return self.rank >= role.rank


class User(Frozen):
    """Somebody signed in; records have `name` as their owner."""

    name: str = Field(min_length=1, max_length=MAX_NAME)
    """Issuer and subject, which never change hands."""
    role: Role = Role.VIEWER
    title: str = Field("", max_length=MAX_NAME)
    """The e-mail address or name that others are shown; may be another tomorrow."""
    origin: str = Field("", max_length=64)
    """The network address that they ask from, for the audit; empty for the studio itself."""


LOCAL: Final = User(name="local", role=Role.ADMIN)
"""Everybody, while no identity is configured."""

SYSTEM: Final = User(name="contrapposto", role=Role.ADMIN)
"""The studio itself: what a budget or an end date does, nobody clicked."""

SHARED: Final = "shared"
"""Owner of what is the team's: a model file that another tool brought, or that somebody who was
removed left behind."""
