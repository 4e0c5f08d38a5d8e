"""Owns what the pose library shows: the poses that ship and the team's, found by words and tags."""

from collections.abc import Iterable
from typing import Self

from core.poses.records import SavedPose, matches
from formats.frozen import Frozen
from formats.openpose.skeleton import Skeleton
from poses.preset_poses import Preset


class ShelfPose(Frozen):
    """A pose that can be loaded; `saved` is None for one that ships."""

    id: str
    name: str
    tags: tuple[str, ...]
    skeleton: Skeleton
    saved: SavedPose | None = None

    @classmethod
    def of_preset(cls, preset: Preset) -> Self:
        """A pose that ships."""
        return cls(
            id=f"preset:{preset.id}", name=preset.name, tags=preset.tags, skeleton=preset.skeleton
        )

    @classmethod
    def of_saved(cls, saved: SavedPose) -> Self:
        """A pose of the team."""
        return cls(
            id=saved.id, name=saved.name, tags=saved.tags, skeleton=saved.skeleton, saved=saved
        )


def found(
    shelf: Iterable[ShelfPose], text: str = "", tags: Iterable[str] = ()
) -> tuple[ShelfPose, ...]:
    """The poses that have every word of `text` (in name, tags or owner) and every tag."""
    wanted = set(tags)
    return tuple(
        pose
        for pose in shelf
        if wanted <= set(pose.tags)
        and matches(text, pose.name, pose.tags, pose.saved.owner if pose.saved else "")
    )


def tags_of(shelf: Iterable[ShelfPose], limit: int) -> list[str]:
    """The `limit` most frequent tags, in alphabetical order."""
    number: dict[str, int] = {}
    for pose in shelf:
        for tag in pose.tags:
            number[tag] = number.get(tag, 0) + 1
    return sorted(sorted(number, key=lambda tag: (-number[tag], tag))[:limit])
