"""The record of a team's pose: its name, its tags, and whether a search matches it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from pydantic import Field

from core.errors import InvalidInput
from core.team.permissions import Item, Kind, Visibility
from core.team.sharing import MAX_SHARED
from formats.frozen import Tolerant
from formats.keys import JobId
from formats.limits import MAX_NAME
from formats.openpose.skeleton import Skeleton

MAX_TAGS: Final = 12
MAX_TAG: Final = 32
"""Longest tag in characters."""


class SavedPose(Tolerant):
    """A pose of the team, `poses/<id>.json`. Times are UTC."""

    id: JobId
    name: str = Field(min_length=1, max_length=MAX_NAME)
    tags: tuple[str, ...] = Field(default=(), max_length=MAX_TAGS)
    owner: str
    visibility: Visibility = Visibility.TEAM
    shared_with: tuple[str, ...] = Field(default=(), max_length=MAX_SHARED)
    """Names of users who may see it while it is private."""
    skeleton: Skeleton
    thumbnail: str = ""
    """A small map, WebP in base64; older records have none."""
    created_at: datetime
    updated_at: datetime
    revision: int = Field(default=1, ge=1)
    """Counts the saves; a save must say which one it changes."""

    @property
    def item(self) -> Item:
        """The pose, for the permission check."""
        return Item(
            kind=Kind.POSE,
            owner=self.owner,
            visibility=self.visibility,
            shared_with=self.shared_with,
        )


def clean_name(name: str) -> str:
    """The name without outer and double spaces. Raises InvalidInput."""
    cleaned = " ".join(name.split())
    if not 1 <= len(cleaned) <= MAX_NAME:
        raise InvalidInput(f"Give the pose a name of 1 to {MAX_NAME} characters.", "name")
    return cleaned


def clean_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags in lower case, each once, in the order given. Raises InvalidInput."""
    cleaned = dict.fromkeys(" ".join(tag.lower().split()) for tag in tags)
    cleaned.pop("", None)
    if len(cleaned) > MAX_TAGS or any(len(tag) > MAX_TAG for tag in cleaned):
        raise InvalidInput(f"A pose has up to {MAX_TAGS} tags of {MAX_TAG} characters.", "tags")
    return tuple(cleaned)


def matches(text: str, name: str, tags: Iterable[str], owner: str = "") -> bool:
    """Whether each word of a search begins or lies within the name, a tag or the owner."""
    haystack = " ".join((name, *tags, owner)).lower()
    return all(word in haystack for word in text.lower().split())


def check_skeleton(skeleton: Skeleton) -> Skeleton:
    """The pose itself. Raises InvalidInput where it shows nobody."""
    if skeleton.shows_nobody:
        raise InvalidInput("There is nobody in the pose. Add a person first.", "skeleton")
    return skeleton
