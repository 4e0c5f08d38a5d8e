"""Packs jobs into a zip file: their original images with infotext inside, and a table of them."""

from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Final, TypeVar

from core.aws.storage import Storage
from core.errors import AwsNotFound, InvalidInput, NotAllowed
from core.ids import Clock
from core.jobs.bulk.job_table import head_line, job_lines
from core.jobs.bulk.service import MAX_BULK
from core.jobs.bulk.zip_stream import ZipEntry, zip_chunks
from core.jobs.records import Job
from core.jobs.store.authorized import AuthorizedJobs
from core.records.stored import read_stored
from core.team.permissions import Action
from core.team.users import User
from core.texts.jobs import bulk as texts
from formats.frozen import Tolerant
from formats.generation.request import GenerationRequest
from formats.generation.result import GenerationResult
from formats.keys import output_key, request_key, result_key

_TABLE: Final = "jobs.csv"
_LEFT_OUT: Final = "left_out.txt"

M = TypeVar("M", bound=Tolerant | GenerationRequest)


class JobArchives:
    """Archives of what somebody may see; memory holds one part of one image, and the table."""

    def __init__(self, authorized: AuthorizedJobs, storage: Storage, clock: Clock) -> None:
        self._authorized = authorized
        self._storage = storage
        self._clock = clock

    def open(self, user: User, job_ids: Sequence[str]) -> Iterator[bytes]:
        """The bytes of the archive. What is not in it, as it is gone or may not be seen, its file
        `left_out.txt` names. Raises InvalidInput for more than `MAX_BULK`, AwsError; also while it
        is read."""
        ids = tuple(dict.fromkeys(job_ids))
        if len(ids) > MAX_BULK:
            raise InvalidInput(texts.too_many(MAX_BULK), "jobs")
        jobs = [job for job in self._authorized.views(user, ids) if self._may_see(user, job)]
        return zip_chunks(self._entries(jobs, sorted(set(ids) - {job.id for job in jobs})))

    def _may_see(self, user: User, job: Job) -> bool:
        if job.is_redacted:
            return False
        try:
            self._authorized.require_images(user, job, Action.SEE)
        except NotAllowed:  # the audit knows
            return False
        return True

    def _entries(self, jobs: Sequence[Job], left_out: list[str]) -> Iterator[ZipEntry]:
        table = [head_line()]
        for job in jobs:
            names = []
            for index in range(job.image_count):
                entry = self._image(job, index)
                if entry is None:
                    left_out.append(f"{job.id} {index + 1}")
                    continue
                names.append(entry.name)
                yield entry
            table += self._lines(job, names)
        now = self._clock()
        yield ZipEntry(_TABLE, now, (line.encode() for line in table), is_packed=True)
        if left_out:
            lines = (f"{each}\n".encode() for each in left_out)
            yield ZipEntry(_LEFT_OUT, now, lines, is_packed=True)

    def _image(self, job: Job, index: int) -> ZipEntry | None:
        """None for one that is gone. Its name is made of the time, the id and a number alone."""
        try:
            stream = self._bucket(job).stream(output_key(job.id, index))
        except AwsNotFound:
            return None
        at = job.created_at.astimezone(UTC)
        return ZipEntry(f"{at:%Y-%m-%d_%H-%M-%S}_{job.id}_{index + 1}.png", at, stream.chunks)

    def _lines(self, job: Job, names: Sequence[str]) -> Iterator[str]:
        request = self._read(job, GenerationRequest, request_key(job.id))
        result = self._read(job, GenerationResult, result_key(job.id))
        return job_lines(job, request, result, names)

    def _read(self, job: Job, model: type[M], key: str) -> M | None:
        content = self._bucket(job).find(key)
        return read_stored(model, content.data, key) if content else None

    def _bucket(self, job: Job) -> Storage:
        return self._storage.of_bucket(job.bucket)
