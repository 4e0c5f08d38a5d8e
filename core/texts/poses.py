"""Texts of poses from files."""

from typing import Final

NO_MAP: Final = "This picture is no OpenPose map. Use it as a photo to find the people in it."


def left_out_of_map(*, has_hands: bool, has_faces: bool) -> str:
    """What a map shows that is not read back; empty where there is no such thing."""
    parts = " and ".join(
        name for name, there in (("hands", has_hands), ("faces", has_faces)) if there
    )
    return f"The {parts} on the map were left out." if parts else ""
