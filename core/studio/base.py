"""What every part of the service layer stands on: settings, AWS, stores, the permission check."""

from dataclasses import dataclass

from core.aws.client import Aws, Connection
from core.aws.storage import Storage
from core.ids import Clock
from core.jobs.store.authorized import AuthorizedJobs
from core.jobs.store.dynamodb import DynamoJobStore
from core.jobs.store.interface import JobStore
from core.jobs.store.sqlite import SqliteJobStore
from core.records.dynamodb import DynamoRecordStore
from core.records.interface import RecordStore
from core.records.sqlite import SqliteRecordStore
from core.settings import Settings
from core.team.access import Access, allow_all
from core.team.audit.log import AuditLog
from core.team.permissions import is_allowed
from core.team.sharing import Sharing


@dataclass(frozen=True)
class Base:
    """What every part gets."""

    settings: Settings
    aws: Aws
    storage: Storage
    """Asked by the workers, which have time."""
    page_storage: Storage
    access: Access
    clock: Clock
    records: RecordStore
    audit: AuditLog

    @property
    def sharing(self) -> Sharing:
        """With whom private items are shared."""
        return Sharing(self.records, self.clock)

    def authorized(self, store: JobStore) -> AuthorizedJobs:
        """A job list behind the permission check."""
        return AuthorizedJobs(store, self.sharing, self.access)

    def job_store(self) -> JobStore:
        """The job list for the workers."""
        if self.settings.embedded:
            return SqliteJobStore(self.settings.data / "jobs.sqlite")
        return DynamoJobStore(self.aws, self.settings.table, for_pages=False)

    def page_job_store(self, store: JobStore) -> JobStore:
        """The same list for pages: a table on AWS may be silent, and they wait for seconds only."""
        if self.settings.embedded:
            return store
        return DynamoJobStore(self.aws, self.settings.table, for_pages=True)


def open_base(settings: Settings, connection: Connection, clock: Clock) -> Base:
    """Connect to AWS and to the records. Raises AwsError where AWS can't be used."""
    aws = Aws(connection, settings.encryption_key)
    records = _records(settings, aws)
    audit = AuditLog(records, clock)
    return Base(
        settings=settings,
        aws=aws,
        storage=Storage(aws, settings.bucket),
        page_storage=Storage(aws, settings.bucket, for_pages=True),
        access=Access(is_allowed if settings.has_identity else allow_all, audit.record),
        clock=clock,
        records=records,
        audit=audit,
    )


def _records(settings: Settings, aws: Aws) -> RecordStore:
    if settings.embedded:
        return SqliteRecordStore(settings.data / "records.sqlite")
    return DynamoRecordStore(aws, settings.records_table, for_pages=True)
