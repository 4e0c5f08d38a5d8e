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

NamedFiles = frozenset[tuple[ModelKind, str]]
"""Model files by kind and name."""

_NOTHING: Final[NamedFiles] = frozenset()


class OpenRequests:
    """Of everybody's jobs; `open_jobs` gives them and costs no call."""

    def __init__(self, storage: Storage, open_jobs: Callable[[], tuple[Job, ...]]) -> None:
        self._storage = storage
        self._open_jobs = open_jobs
        self._known: dict[str, NamedFiles] = {}

    def naming(self, kind: ModelKind, name: str) -> int:
        """How many name this file. Raises AwsError."""
        return sum((kind, name) in files for files in self._by_job().values())

    def named(self) -> NamedFiles:
        """Every file that any of them names. Raises AwsError."""
        return frozenset().union(*self._by_job().values())

    def _by_job(self) -> dict[str, NamedFiles]:
        self._known = {job.id: self._named(job) for job in self._open_jobs()}
        return self._known

    def _named(self, job: Job) -> NamedFiles:
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
