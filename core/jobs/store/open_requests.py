"""Tells how many open jobs name a model file: by their requests in S3, each read once."""

from collections.abc import Callable
from typing import Final

from core.aws.storage import Storage
from core.jobs.records import Job
from core.records.stored import read_stored
from formats.generation.named_files import named_files
from formats.generation.request import GenerationRequest
from formats.keys import request_key
from formats.models.kinds import ModelKind

_NamedFiles = frozenset[tuple[ModelKind, str]]
_NOTHING: Final[_NamedFiles] = frozenset()


class OpenRequests:
    """Of everybody's jobs; `open_jobs` gives them and costs no call."""

    def __init__(self, storage: Storage, open_jobs: Callable[[], tuple[Job, ...]]) -> None:
        self._storage = storage
        self._open_jobs = open_jobs
        self._known: dict[str, _NamedFiles] = {}

    def naming(self, kind: ModelKind, name: str) -> int:
        """How many name this file. Raises AwsError."""
        jobs = self._open_jobs()
        known = {job.id: self._named(job) for job in jobs}
        self._known = known
        return sum((kind, name) in files for files in known.values())

    def _named(self, job: Job) -> _NamedFiles:
        if (known := self._known.get(job.id)) is not None:
            return known
        content = self._storage.of_bucket(job.bucket).find(request_key(job.id))
        request = read_stored(GenerationRequest, content.data, job.id) if content else None
        if request is None:  # it is not stored yet: only its record tells of it
            return frozenset({(ModelKind.CHECKPOINT, job.checkpoint)})
        try:
            return frozenset(named_files(request))
        except ValueError:
            return _NOTHING
