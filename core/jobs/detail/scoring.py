"""Scores how well a job's images follow their pose, once, and keeps the score beside them."""

import io
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from PIL import Image
from pydantic import ConfigDict, Field

from core.aws.storage import Storage
from core.jobs.records import Job, JobState
from core.jobs.store.authorized import AuthorizedJobs
from core.records.stored import read_stored
from core.team.permissions import Action
from core.team.users import User
from formats.frozen import Tolerant
from formats.generation.request import GenerationRequest
from formats.keys import output_key, pose_score_key, request_key
from formats.openpose.skeleton import Skeleton
from poses.detection.detector import PoseDetector, shared_detector
from poses.scores.pose_score import PoseScore, ScoreMethod, score_image

log = logging.getLogger(__name__)

_JSON: Final = "application/json"


class JobPoseScore(Tolerant):
    """`jobs/<id>/pose_score.json`: a score for each image, in their order."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    images: tuple[PoseScore, ...] = Field(default=(), alias="pictures")

    @property
    def value(self) -> float | None:
        """The mean of the images that have a score."""
        values = [image.value for image in self.images if image.value is not None]
        return sum(values) / len(values) if values else None

    @property
    def method(self) -> ScoreMethod:
        """The method of most of the images that have a score."""
        methods = [image.method for image in self.images if image.value is not None]
        return max(sorted(set(methods)), key=methods.count) if methods else ScoreMethod.NOT_SCORED


class PoseScoring:
    """Measures finished jobs. An image costs one run of the detector, about 0.1 s."""

    def __init__(
        self,
        storage: Storage,
        authorized: AuthorizedJobs,
        detector: Callable[[], PoseDetector] = shared_detector,
    ) -> None:
        self._storage = storage
        self._authorized = authorized
        self._store = authorized.store
        self._detector = detector

    def of_job(self, user: User, job_id: str) -> JobPoseScore | None:
        """The job's scores, measured now where they never were; None where there is no pose.

        A job that is open, failed or was sent without keypoints has none. Raises NotFound,
        NotAllowed.
        """
        return self.measure(self._authorized.find(user, job_id, Action.SEE))

    def measure(self, job: Job) -> JobPoseScore | None:
        """The same without a user, for the poller; the mean goes into the job's record too."""
        if job.state is not JobState.SUCCEEDED or not job.units:
            return None
        kept = self._stored_score(job)
        if kept is None:
            kept = self._measure(job)
        if kept and job.pose_score != kept.value:
            self._store.update(job.id, {JobState.SUCCEEDED}, {"pose_score": kept.value})
        return kept

    def _bucket(self, job: Job) -> Storage:
        return self._storage.of_bucket(job.bucket)

    def _stored_score(self, job: Job) -> JobPoseScore | None:
        content = self._bucket(job).find(pose_score_key(job.id))
        return read_stored(JobPoseScore, content.data, job.id) if content else None

    def _measure(self, job: Job) -> JobPoseScore | None:
        content = self._bucket(job).find(request_key(job.id))
        request = read_stored(GenerationRequest, content.data, job.id) if content else None
        pose = requested_pose(request) if request else None
        if pose is None:
            return None
        found = JobPoseScore(
            images=tuple(self._score(job, index, pose) for index in range(job.image_count))
        )
        self._bucket(job).write(pose_score_key(job.id), found.model_dump_json().encode(), _JSON)
        log.info("event=pose_scored job=%s score=%s method=%s", job.id, found.value, found.method)
        return found

    def _score(self, job: Job, index: int, pose: Skeleton) -> PoseScore:
        content = self._bucket(job).find(output_key(job.id, index))
        if content is None:
            return PoseScore()
        with Image.open(io.BytesIO(content.data)) as image:
            return score_image(image, pose, self._detector().detect)


class ScoringQueue:
    """Measures jobs in the background, one at a time, as they end."""

    def __init__(self, scoring: PoseScoring) -> None:
        self._scoring = scoring
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="pose-score")

    def __call__(self, job: Job) -> None:
        """Measure a job that just ended; returns at once."""
        if job.state is JobState.SUCCEEDED and job.units:
            self._pool.submit(self._measure, job)

    def close(self) -> None:
        """Finish the job under way; the others are measured when somebody looks at them."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _measure(self, job: Job) -> None:
        try:
            self._scoring.measure(job)
        except Exception:  # the worker's edge: a job without a score is still a good job
            log.exception("event=pose_score_failed job=%s", job.id)


def requested_pose(request: GenerationRequest) -> Skeleton | None:
    """The pose that a request's images should show: of its first active unit with keypoints."""
    poses = (unit.pose for unit in request.controlnets if unit.weight > 0)
    return next((pose for pose in poses if pose is not None), None)
