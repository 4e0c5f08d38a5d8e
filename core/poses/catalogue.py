"""The entries of the pose library: poses that ship and the team's, searched by text and tags."""

from collections.abc import Callable, Iterable
from typing import Self

from core.poses.records import SavedPose, matches
from formats.frozen import Frozen
from formats.openpose.skeleton import Skeleton
from poses.preset_poses import Preset, presets


class PoseEntry(Frozen):
    """A pose that can be loaded; `saved` is None for one that ships."""

    id: str
    name: str
    tags: tuple[str, ...]
    skeleton: Skeleton
    saved: SavedPose | None = None

    @classmethod
    def from_preset(cls, preset: Preset) -> Self:
        """A pose that ships."""
        return cls(
            id=f"preset:{preset.id}", name=preset.name, tags=preset.tags, skeleton=preset.skeleton
        )

    @classmethod
    def from_saved(cls, saved: SavedPose) -> Self:
        """A pose of the team."""
        return cls(
            id=saved.id, name=saved.name, tags=saved.tags, skeleton=saved.skeleton, saved=saved
        )


def poses_of(
    ids: Iterable[str], saved: Callable[[str], SavedPose]
) -> tuple[tuple[str, Skeleton], ...]:
    """Names and skeletons of poses by their entries' ids; `saved` finds one of the team.

    Raises NotFound for one that is gone.
    """
    shipped = {pose.id: pose for pose in map(PoseEntry.from_preset, presets())}
    found = (shipped.get(each) or PoseEntry.from_saved(saved(each)) for each in ids)
    return tuple((pose.name, pose.skeleton) for pose in found)


def search(
    entries: Iterable[PoseEntry], text: str = "", tags: Iterable[str] = ()
) -> tuple[PoseEntry, ...]:
    """The poses that have every word of `text` (in name, tags or owner) and every tag."""
    required = set(tags)
    return tuple(
        pose
        for pose in entries
        if required <= set(pose.tags)
        and matches(text, pose.name, pose.tags, pose.saved.owner if pose.saved else "")
    )


def frequent_tags(entries: Iterable[PoseEntry], limit: int) -> list[str]:
    """The `limit` most frequent tags, in alphabetical order."""
    counts: dict[str, int] = {}
    for pose in entries:
        for tag in pose.tags:
            counts[tag] = counts.get(tag, 0) + 1
    return sorted(sorted(counts, key=lambda tag: (-counts[tag], tag))[:limit])
