"""What both sides of the upload queue stand on: records, S3, the runner, the permission check."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.aws.client import Aws
from core.aws.shared_listing import SharedListing
from core.aws.storage import Storage
from core.errors import NotFound
from core.ids import Clock, NewId
from core.models.service import ModelLibrary
from core.models.uploads.leases import UploadRecords
from core.models.uploads.multipart import Multipart
from core.models.uploads.planning.new_upload import UploadChecks
from core.models.uploads.planning.roots import ANYWHERE, UploadRoots
from core.models.uploads.records import Upload
from core.models.uploads.runner import UploadRunner
from core.models.uploads.sending.object_reader import ObjectReader
from core.models.uploads.sending.remote import RemoteFiles
from core.models.uploads.sending.target import UploadTargets
from core.models.uploads.sweep import UploadSweep
from core.models.uploads.unverified import UnverifiedObjects
from core.models.uploads.worker import UploadWorker
from core.records.interface import RecordStore
from core.team.access import Access
from core.team.permissions import Action
from core.team.users import User
from core.texts.models import uploads as texts

_FRESH_SECONDS: Final = 1.0
"""All pages share one reading of the records for so long."""


@dataclass(frozen=True)
class UploadServices:
    """What the queue is built on."""

    aws: Aws
    storage: Storage
    records: RecordStore
    library: ModelLibrary
    access: Access
    clock: Clock
    new_id: NewId
    roots: UploadRoots = ANYWHERE
    remote: RemoteFiles | None = None


class QueueParts:
    """The parts, and the list of uploads as this process knows them."""

    def __init__(self, services: UploadServices) -> None:
        self.access = services.access
        self._clock = services.clock
        self._new_id = services.new_id
        self._roots = services.roots
        self._library = services.library
        self._records = UploadRecords(services.records, services.clock, services.new_id)
        self._reader = ObjectReader(services.aws)
        self._checks = UploadChecks(services.roots, self._reader)
        self._targets = UploadTargets(
            Multipart(services.aws, services.storage),
            services.storage,
            self._reader,
            services.library,
        )
        self._worker = UploadWorker(self._targets, services.roots, services.remote)
        self._listing = SharedListing(self._records.all, services.clock, _FRESH_SECONDS)
        self._runner = UploadRunner(self._records, self._worker, self._expire)
        self._runner.before_look = UnverifiedObjects(
            services.library, self._records, self._reader, services.storage.bucket, services.clock
        ).take_up
        self.sweep = UploadSweep(
            self._records, self._targets.multipart, services.storage, services.clock
        )
        self._progress: dict[str, dict[int, int]] = {}
        """Bytes of the parts that browsers have sent through this process, by upload."""
        self.check_quota: Callable[[User, int], None] = lambda _user, _size: None
        """Raises QuotaExceeded where so many bytes more are too much for the user."""

    def all(self) -> tuple[Upload, ...]:
        """Everybody's, the newest first, those of this process as they are now. Raises AwsError."""
        live = self._runner.live()
        return tuple(live.get(upload.id, upload) for upload in self._listing.get())

    def find(self, user: User, upload_id: str) -> Upload:
        """One that the user may see. Raises NotFound, AwsError."""
        upload = self._records.find(upload_id)
        if upload is None or not self.access.may(user, Action.SEE, upload.item):
            raise NotFound(texts.UPLOAD_IS_OVER)
        return upload

    def active_bytes(self, owner: str) -> int:
        """Of the files that are on their way for somebody."""
        return sum(u.size or 0 for u in self.all() if u.active and u.owner == owner)

    def _expire(self) -> None:
        self._listing.expire()
