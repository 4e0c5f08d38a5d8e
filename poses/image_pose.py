"""Tells which pose an image shows: an OpenPose map's keypoints, else the people found in it."""

from PIL import Image

from formats.frozen import Frozen
from formats.openpose.skeleton import Skeleton
from poses.detection.detector import shared_detector
from poses.maps.reader import read_map


class ImagePose(Frozen):
    """The pose that an image shows, and how it was read."""

    skeleton: Skeleton
    is_map: bool
    """The image is an OpenPose map; else people were looked for in it."""
    has_hands: bool = False
    has_faces: bool = False
    """Whether the map shows hands and faces, which are left out."""

    @property
    def is_empty(self) -> bool:
        """Whether nobody was found."""
        return not self.skeleton.people


def read_pose(image: Image.Image) -> ImagePose:
    """The pose of an image of any size and mode. Nobody found is no error: see `is_empty`."""
    found = read_map(image)
    if found is not None:
        return ImagePose(is_map=True, **dict(found))
    return ImagePose(skeleton=shared_detector().detect(image), is_map=False)
