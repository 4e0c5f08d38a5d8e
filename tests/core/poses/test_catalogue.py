"""What a search in the pose library finds."""

import pytest

from core.poses.catalogue import PoseEntry, frequent_tags, search
from formats.openpose.skeleton import Skeleton

_EMPTY = Skeleton(width=64, height=64, people=())
SHELF = tuple(
    PoseEntry(id=name, name=name, tags=tags, skeleton=_EMPTY)
    for name, tags in (("Waving", ("standing", "one")), ("Tango", ("dance", "two")), ("Yoga", ()))
)


@pytest.mark.parametrize(
    ("text", "tags", "names"),
    [
        ("", (), ["Waving", "Tango", "Yoga"]),
        ("wav", (), ["Waving"]),
        ("tango two", (), ["Tango"]),
        ("", ("two", "dance"), ["Tango"]),
        ("waving", ("two",), []),
    ],
)
def test_words_and_tags(text: str, tags: tuple[str, ...], names: list[str]) -> None:
    assert [pose.name for pose in search(SHELF, text, tags)] == names


def test_frequent_tags_come_first_and_stand_in_order() -> None:
    assert frequent_tags((*SHELF, SHELF[1]), 2) == ["dance", "two"]
