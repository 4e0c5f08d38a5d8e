"""Finds the people in a pose file's JSON, whichever tool wrote it.

Forms that are read: OpenPose's `people` (CMU openpose, doc/02_output.md), as one object or as a
list of frames (ComfyUI's POSE_KEYPOINT); fkunn1326's `keypoints`, pairs of several people in one
list; COCO's annotations and results (cocodataset.org, "Data format"), with the hands of
COCO-WholeBody (jin-s13/COCO-WholeBody, data_format.md); the `instances` of mmpose's predictions.
"""

from typing import Any, Final, NamedTuple

from formats.limits import MAX_PEOPLE
from formats.openpose import texts
from formats.openpose.skeleton import BODY_POINTS, PoseError

Entry = dict[str, Any]
"""What the file holds of one person."""


class FoundPeople(NamedTuple):
    """The entries of the people, the values of width and height, and what was left out."""

    entries: list[Any]
    width: Any
    height: Any
    notices: list[str]


_BODY: Final = "pose_keypoints_2d"


def find_people(data: Any) -> FoundPeople:
    """The people of the first frame or image. Raises PoseError where there are none."""
    frame, notices = _first_frame(data)
    entries, size = _entries(frame, notices)
    animals = frame.get("animals")
    if isinstance(animals, list) and animals:
        if not entries:
            raise PoseError(texts.ONLY_ANIMALS)
        notices.append(texts.animals_left_out(len(animals)))
    if not entries:
        raise PoseError(texts.NOBODY)
    if len(entries) > MAX_PEOPLE:
        raise PoseError(texts.TOO_MANY_PEOPLE)
    return FoundPeople(entries, *size, notices)


def _first_frame(data: Any) -> tuple[Entry, list[str]]:
    notices: list[str] = []
    while isinstance(data, list) and data:
        if all(_is_instance(each) for each in data):
            return {"annotations": data}, notices
        if len(data) > 1:
            notices.append(texts.frames_left_out(len(data)))
        data = data[0]
    if isinstance(data, dict) and isinstance(data.get("instance_info"), list):
        return _first_frame(data["instance_info"])
    if not isinstance(data, dict):
        raise PoseError(texts.NOBODY if data == [] else texts.NO_OBJECT)
    return data, notices


def _is_instance(each: Any) -> bool:
    """One person of COCO's results or of mmpose, which are listed without anything around them."""
    return isinstance(each, dict) and "keypoints" in each and not each.keys() & {"width", "people"}


def _entries(frame: Entry, notices: list[str]) -> tuple[list[Any], tuple[Any, Any]]:
    """The people, with the width and height of their canvas."""
    size = (
        frame.get("canvas_width", frame.get("width")),
        frame.get("canvas_height", frame.get("height")),
    )
    people = frame.get("people")
    if isinstance(people, list | dict):
        return people if isinstance(people, list) else [people], size
    for name in ("annotations", "instances"):
        if isinstance(frame.get(name), list):
            return _of_first_image(frame[name], frame, size, notices)
    if isinstance(frame.get("keypoints"), list):
        return _of_pairs(frame), size
    if _BODY in frame:
        return [frame], size
    if "animals" in frame:
        return [], size
    raise PoseError(texts.NO_PEOPLE)


def _of_first_image(
    entries: list[Any], frame: Entry, size: tuple[Any, Any], notices: list[str]
) -> tuple[list[Any], tuple[Any, Any]]:
    """COCO lists the people of many images, each with its image's id."""
    ids = [each.get("image_id") if isinstance(each, dict) else None for each in entries]
    distinct = list({repr(each): each for each in ids}.values())
    if len(distinct) > 1:
        notices.append(texts.images_left_out(len(distinct)))
    images = frame.get("images")
    for image in images if isinstance(images, list) and distinct else ():
        if isinstance(image, dict) and image.get("id") == distinct[0]:
            size = image.get("width"), image.get("height")
    people = [each for each, image_id in zip(entries, ids, strict=True) if image_id == ids[0]]
    return people, size


def _of_pairs(frame: Entry) -> list[Any]:
    """fkunn1326 puts all people into one list; other lengths are one person of another tool."""
    pairs = frame["keypoints"]
    are_pairs = all(isinstance(pair, list) and len(pair) == 2 for pair in pairs)
    if not pairs or not are_pairs or len(pairs) % BODY_POINTS or "keypoint_scores" in frame:
        return [frame] if pairs else []
    starts = range(0, len(pairs), BODY_POINTS)
    return [{"keypoints": pairs[start : start + BODY_POINTS]} for start in starts]
