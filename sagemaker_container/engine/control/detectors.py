"""Chooses the network that detects people: one that the team uploaded, else the packaged one."""

from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image

from formats.keys import model_key
from formats.models.kinds import BODY_NETWORK, ModelKind
from formats.openpose.skeleton import Skeleton
from poses.detection.detector import shared_detector
from sagemaker_container.engine.control.openpose_body import BodyDetector
from sagemaker_container.engine.device import Device
from sagemaker_container.engine.files.weights_file import WeightsFile
from sagemaker_container.storage.bucket import ContainerBucket

FetchFile = Callable[[ModelKind, str], WeightsFile]


class UploadedDetectors:
    """Loads the uploaded network, and keeps the one that was used last."""

    def __init__(self, bucket: ContainerBucket, device: Device) -> None:
        self._bucket = bucket
        self._device = device
        self._last: tuple[str, BodyDetector] | None = None

    def exists(self) -> bool:
        """Whether the team uploaded OpenPose's body network."""
        return self._bucket.exists(model_key(ModelKind.ANNOTATOR, BODY_NETWORK))

    def load(self, file: WeightsFile) -> BodyDetector:
        """The network of a file. Raises JobError(MODEL_BROKEN)."""
        if self._last is None or self._last[0] != file.sha256:
            self._last = file.sha256, BodyDetector.read(file, self._device)
        return self._last[1]


@dataclass
class JobDetector:
    """Detects people for one job; the network is fetched when the first image needs it."""

    uploaded: UploadedDetectors
    fetch: FetchFile
    used: list[WeightsFile] = field(default_factory=list)
    """The uploaded file, once it was used."""

    def detect(self, image: Image.Image) -> Skeleton:
        """All people in the image. Raises JobError for a file that can't be used."""
        if not self.used and not self.uploaded.exists():
            return shared_detector().detect(image)
        if not self.used:
            self.used.append(self.fetch(ModelKind.ANNOTATOR, BODY_NETWORK))
        return self.uploaded.load(self.used[0]).detect(image)
