"""Copies the job records into a backup, and those of a backup into a job list."""

from collections.abc import Iterator

from cli.backup.folder import BackupInfo
from core.aws.client import Aws
from core.jobs.records import Job, JobFilter
from core.jobs.store.dynamodb import DynamoJobStore
from core.jobs.store.interface import JobStore, every_job
from core.jobs.store.sqlite import SqliteJobStore
from core.settings import Settings


def open_store(settings: Settings, aws: Aws) -> JobStore:
    """The job list of a studio with these settings."""
    if settings.embedded:
        return SqliteJobStore(settings.data / "jobs.sqlite")
    return DynamoJobStore(aws, settings.table)


def closed_jobs(store: JobStore) -> Iterator[Job]:
    """Every job that has ended, in the trash too; an open one is the business of the studio that
    follows it, as is one that is being deleted."""
    for in_trash in (False, True):
        for job in every_job(store, JobFilter(in_trash=in_trash)):
            if not (job.state.is_open or job.is_being_deleted):
                yield job


def moved(job: Job, info: BackupInfo, bucket: str) -> Job:
    """The record as it reads in a studio with another bucket."""
    if job.bucket not in ("", info.bucket):
        return job
    location = job.failure_location.replace(f"s3://{info.bucket}/", f"s3://{bucket}/", 1)
    return job.with_changes({"bucket": bucket, "failure_location": location})
