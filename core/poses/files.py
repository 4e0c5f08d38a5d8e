"""Imports and exports poses as files, and makes their thumbnails."""

import io
import json
from typing import Final

from PIL import Image

from core.errors import InvalidInput
from core.images.files import check_image, encode_image
from core.texts import poses as texts
from formats.openpose.coordinates import PoseFile
from formats.openpose.json_files import pair_of, read_json, to_json
from formats.openpose.json_text import starts_as_json
from formats.openpose.pose_map import draw
from formats.openpose.skeleton import PoseError, Skeleton
from poses.image_pose import ImagePose, read_pose
from poses.maps.reader import read_map

THUMBNAIL_SIDE: Final = 128
_RASTER_SIDE: Final = 256
"""Thumbnails are drawn at this size and halved, which smooths their edges."""

_RASTER_RADIUS: Final = 5.0


def import_pose(data: bytes, field: str = "pose") -> PoseFile:
    """A pose from a file: JSON in any dialect that `read_json` takes, or the image of a map.

    Tells what was left out or changed in reading it. Raises InvalidInput at `field` for anything
    else, a photo too.
    """
    if starts_as_json(data):
        return _from_text(data, field)
    found = read_map(_decode_image(data, field))
    if found is None:
        raise InvalidInput(texts.NO_MAP, field)
    notices = notices_of_map(has_hands=found.has_hands, has_faces=found.has_faces)
    return PoseFile(skeleton=found.skeleton, notices=notices)


def notices_of_map(*, has_hands: bool, has_faces: bool) -> tuple[str, ...]:
    """What a map shows that is not read back, however it was uploaded."""
    left_out = texts.left_out_of_map(has_hands=has_hands, has_faces=has_faces)
    return (left_out,) if left_out else ()


def pose_from_image(data: bytes, field: str = "photo") -> ImagePose:
    """The people in an image file: read back from an OpenPose map, else found as in a photo.

    Raises InvalidInput for what is no image. Nobody found is no error: see `is_empty`.
    """
    return read_pose(_decode_image(data, field))


def _from_text(data: bytes, field: str) -> PoseFile:
    try:
        return read_json(data)
    except PoseError as error:
        raise InvalidInput(str(error), field) from error


def _decode_image(data: bytes, field: str) -> Image.Image:
    return Image.open(io.BytesIO(check_image(data, field).data))


def export_json(skeleton: Skeleton) -> str:
    """OpenPose JSON as sd-webui-controlnet and its editors read it: one object of people."""
    return to_json(skeleton)


def export_json_list(skeleton: Skeleton) -> str:
    """The same in a list, as ComfyUI's POSE_KEYPOINT has it."""
    return f"[{to_json(skeleton)}]"


def export_fkunn1326(skeleton: Skeleton) -> str:
    """The form of fkunn1326/openpose-editor: pairs of x, y; 0, 0 stands for a missing joint.

    It has no hands and no hidden joints.
    """
    points = [p for person in skeleton.people for p in person.visible()]
    pairs = [pair_of(p) if p else (0.0, 0.0) for p in points]
    size = {"width": skeleton.width, "height": skeleton.height}
    return json.dumps({**size, "keypoints": pairs})


def export_png(skeleton: Skeleton) -> bytes:
    """The map as a PNG: the same pixels that a job sends."""
    return encode_image(draw(skeleton)).data


def thumbnail(skeleton: Skeleton) -> bytes:
    """A small map, a WebP of `THUMBNAIL_SIDE` pixels on the long side."""
    scale = _RASTER_SIDE / max(skeleton.width, skeleton.height)
    width, height = (max(64, round(s * scale)) for s in (skeleton.width, skeleton.height))
    image = draw(skeleton.scaled(width, height), radius=_RASTER_RADIUS)
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=80)
    return buffer.getvalue()
