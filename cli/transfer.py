"""`contrapposto export` and `import`: a laptop's studio into an account and back, or a backup."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from cli import texts
from cli.backup.folder import BackupFolder, BackupInfo
from cli.backup.jobs import closed_jobs, moved, open_store
from cli.backup.objects import Copied, restore_object, save_objects
from cli.connection import opened
from core.aws.storage import Storage
from core.errors import ConfigurationError
from formats.keys import job_prefix
from formats.version import VERSION

_Folder = Annotated[Path, typer.Argument(help=texts.FOLDER)]
_EVERY: Final = 100


def export(folder: _Folder) -> None:
    """Write everything that people made; once more on the same folder writes what is new."""
    with opened() as (settings, aws):
        storage, backup = Storage(aws, settings.bucket), BackupFolder(folder)
        now = datetime.now(UTC)
        try:
            backup.begin(BackupInfo(version=VERSION, bucket=settings.bucket, made_at=now))
            store = open_store(settings, aws)
            skipped = frozenset(job_prefix(job.id) for job in store.open_jobs())
            jobs = list(closed_jobs(store))
            store.close()
            copied = save_objects(aws, storage, backup, skipped, _progress)
            backup.write_jobs(jobs)
        except OSError as error:
            raise ConfigurationError(texts.folder_failed(str(folder), str(error))) from error
    typer.echo(texts.exported(copied, len(backup.objects()), len(jobs), len(skipped)))


def import_(folder: _Folder) -> None:
    """Read it into the studio of the settings; exits with 1 where other bytes are in the way."""
    backup = BackupFolder(folder)
    info, saved, counts = backup.info(), backup.objects(), Counter[Copied]()
    with opened() as (settings, aws):
        storage = Storage(aws, settings.bucket)
        for number, each in enumerate(saved.values(), 1):
            outcome = restore_object(aws, storage, each, backup.file_of(each.key))
            counts[outcome] += 1
            if outcome is Copied.OTHER:
                typer.echo(texts.in_the_way(each.key), err=True)
            _progress(each.key, number, len(saved))
        store = open_store(settings, aws)
        added = sum(store.add(moved(job, info, settings.bucket)) for job in backup.jobs())
        store.close()
    typer.echo(texts.imported(counts[Copied.COPIED], counts[Copied.THERE], added))
    if counts[Copied.OTHER]:
        raise typer.Exit(1)


def _progress(key: str, number: int, total: int) -> None:
    if number % _EVERY == 0 or number == total:
        typer.echo(texts.progress(number, total, key))
