"""`contrapposto export` and `import`: a laptop's studio into an account and back, or a backup."""

from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from cli import texts
from cli.backup.folder import BackupFolder, BackupInfo
from cli.backup.jobs import closed_jobs, moved, open_store
from cli.backup.objects import Copied, as_verified, restore_object, save_objects
from cli.backup.records import open_records, restore_record, saved_records, verified_models
from cli.connection import opened
from core.aws.client import Aws
from core.aws.storage import Storage
from core.errors import ConfigurationError
from core.settings import Settings
from formats.keys import job_prefix
from formats.version import VERSION

_Folder = Annotated[Path, typer.Argument(help=texts.FOLDER)]
_EVERY: Final = 100


def export(folder: _Folder) -> None:
    """Write everything that people made; once more on the same folder writes what is new."""
    with opened() as (settings, aws):
        try:
            summary = _export(settings, aws, BackupFolder(folder))
        except OSError as error:
            raise ConfigurationError(texts.folder_failed(str(folder), str(error))) from error
    typer.echo(summary)


def _export(settings: Settings, aws: Aws, backup: BackupFolder) -> str:
    about = {"bucket": settings.bucket, "backend": settings.backend.value}
    backup.begin(BackupInfo(version=VERSION, made_at=datetime.now(UTC), **about))
    with closing(open_store(settings, aws)) as store:
        skipped = frozenset(job_prefix(job.id) for job in store.open_jobs())
        jobs = list(closed_jobs(store))
    with closing(open_records(settings, aws)) as records:
        backup.write_records(saved_records(records))
    copied = save_objects(aws, Storage(aws, settings.bucket), backup, skipped, _progress)
    backup.write_jobs(jobs)
    return texts.exported(copied, len(backup.objects()), len(jobs), len(skipped))


def import_(folder: _Folder) -> None:
    """Read it into the studio of the settings; exits with 1 where other bytes are in the way."""
    backup = BackupFolder(folder)
    backup.info()
    with opened() as (settings, aws):
        counts = _import_objects(Storage(aws, settings.bucket), aws, backup)
        added = _import_jobs(settings, aws, backup)
    typer.echo(texts.imported(counts[Copied.COPIED], counts[Copied.THERE], added))
    if counts[Copied.OTHER]:
        raise typer.Exit(1)


def _import_objects(storage: Storage, aws: Aws, backup: BackupFolder) -> Counter[Copied]:
    saved, counts = backup.objects(), Counter[Copied]()
    verified = verified_models(backup.records())
    for number, each in enumerate(saved.values(), 1):
        sha256 = verified.get((each.key, each.etag))
        known = as_verified(each, sha256) if sha256 else each
        outcome = restore_object(aws, storage, known, backup.file_of(each.key))
        counts[outcome] += 1
        if outcome is Copied.OTHER:
            typer.echo(texts.in_the_way(each.key), err=True)
        _progress(each.key, number, len(saved))
    return counts


def _import_jobs(settings: Settings, aws: Aws, backup: BackupFolder) -> int:
    """With the records, where they are of a studio of the same kind; the number of new jobs."""
    info = backup.info()
    if info.backend == settings.backend:
        with closing(open_records(settings, aws)) as records:
            for record in backup.records():
                restore_record(records, record)
    with closing(open_store(settings, aws)) as store:
        return sum(store.add(moved(job, info, settings.bucket)) for job in backup.jobs())


def _progress(key: str, number: int, total: int) -> None:
    if number % _EVERY == 0 or number == total:
        typer.echo(texts.progress(number, total, key))
