"""The queue of jobs that wait for the worker, and which of them run together in one batch.

First come, first served: the oldest job is always in the next batch, so that none starves. Younger
jobs that may share its batch join it.
"""

import asyncio
from bisect import insort
from dataclasses import dataclass

from formats.generation.batching import batch_key
from formats.generation.request import GenerationRequest
from formats.generation.result import GenerationResult


@dataclass(frozen=True)
class QueuedJob:
    """A job in the queue, and the future that its caller waits for."""

    request: GenerationRequest
    arrival: int
    """Its number among all jobs that came."""
    key: str | None
    """Equal for jobs that may share a batch; None for a job that runs alone."""
    result: "asyncio.Future[GenerationResult]"


class JobQueue:
    """Jobs in the order of their arrival; a batch holds at most `batch_images` of several jobs."""

    def __init__(self, batch_images: int) -> None:
        self._batch_images = batch_images
        self._jobs: list[QueuedJob] = []

    def __len__(self) -> int:
        return len(self._jobs)

    def add(self, request: GenerationRequest, arrival: int) -> QueuedJob:
        """Insert a job behind all that arrived before it."""
        try:
            key = batch_key(request)
        except ValueError:
            key = None  # an unreadable LoRA tag, which the worker refuses with a better message
        result = asyncio.get_running_loop().create_future()
        job = QueuedJob(request, arrival, key, result)
        insort(self._jobs, job, key=lambda queued: queued.arrival)
        return job

    def take_batch(self) -> list[QueuedJob]:
        """Remove the next batch and return it; empty if no job waits."""
        batch = self.next_batch()
        self._jobs = [job for job in self._jobs if job not in batch]
        return batch

    @property
    def has_full_batch(self) -> bool:
        """Whether no other job may join the next batch."""
        images = sum(job.request.batch_size for job in self.next_batch())
        return images >= self._batch_images

    def next_batch(self) -> list[QueuedJob]:
        """The oldest job and those that share its batch, in order; empty if none waits."""
        if not self._jobs:
            return []
        oldest = self._jobs[0]
        batch, room = [oldest], self._batch_images - oldest.request.batch_size
        for job in self._jobs[1:]:
            is_compatible = oldest.key is not None and job.key == oldest.key
            if is_compatible and job.request.batch_size <= room:
                batch.append(job)
                room -= job.request.batch_size
        return batch

    def refuse_all(self, error: Exception) -> None:
        """Empty the queue; each job's future raises `error`."""
        for job in self._jobs:
            if not job.result.done():
                job.result.set_exception(error)
        self._jobs.clear()
