"""Chooses who finds people in a picture: the team's uploaded network, else the one that ships."""

from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image

from formats.keys import model_key
from formats.models.kinds import BODY_NETWORK, ModelKind
from formats.openpose.skeleton import Skeleton
from poses.detection.detector import shared_detector
from sagemaker_container.bucket import ContainerBucket
from sagemaker_container.engine.control.openpose_body import BodyDetector
from sagemaker_container.engine.device import Device
from sagemaker_container.engine.files.weights_file import WeightsFile

Fetch = Callable[[ModelKind, str], WeightsFile]


class Detectors:
    """Keeps the uploaded network that was used last."""

    def __init__(self, bucket: ContainerBucket, device: Device) -> None:
        self._bucket = bucket
        self._device = device
        self._known: tuple[str, BodyDetector] | None = None

    def has_uploaded(self) -> bool:
        """Whether the team uploaded OpenPose's body network."""
        return self._bucket.exists(model_key(ModelKind.ANNOTATOR, BODY_NETWORK))

    def uploaded(self, file: WeightsFile) -> BodyDetector:
        """The network of a file. Raises JobError(MODEL_BROKEN)."""
        if self._known is None or self._known[0] != file.sha256:
            self._known = file.sha256, BodyDetector.read(file, self._device)
        return self._known[1]


@dataclass
class JobDetector:
    """Finds people for one job; what it needs is fetched when the first picture asks for it."""

    detectors: Detectors
    fetch: Fetch
    used: list[WeightsFile] = field(default_factory=list)
    """The uploaded file, once it was used."""

    def detect(self, picture: Image.Image) -> Skeleton:
        """Everybody in the picture. Raises JobError for a file that can't be used."""
        if not self.used and not self.detectors.has_uploaded():
            return shared_detector().detect(picture)
        if not self.used:
            self.used.append(self.fetch(ModelKind.ANNOTATOR, BODY_NETWORK))
        return self.detectors.uploaded(self.used[0]).detect(picture)
