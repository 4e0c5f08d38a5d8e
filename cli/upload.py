"""`contrapposto upload`: sends model files to the bucket, as the Models page does."""

import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from cli import texts
from cli.backup.records import open_records
from cli.connection import opened
from core.aws.client import Aws
from core.aws.storage import Storage
from core.errors import InvalidDraft
from core.ids import new_id
from core.models.service import ModelLibrary
from core.models.uploads.queue import Upload, UploadQueue, UploadStage
from core.models.uploads.resumable_transfer import Uploader
from core.records.interface import RecordStore
from core.team.access import Access, allow_all
from core.team.users import LOCAL
from formats.models.kinds import ModelKind

_LOOK_SECONDS: Final = 0.2


def upload(
    files: Annotated[list[Path], typer.Argument(help=texts.FILES)],
    kind: Annotated[ModelKind | None, typer.Option(help=texts.KIND)] = None,
    replace: Annotated[bool, typer.Option("--replace", help=texts.REPLACE)] = False,
) -> None:
    """Upload them all, or nothing where one can't be a model; exits with 1 where one failed."""
    with opened() as (settings, aws), closing(open_records(settings, aws)) as records:
        queue = _queue(aws, settings.bucket, records)
        try:
            paths = [str(file.absolute()) for file in files]
            queue.start(LOCAL, paths, kind, replace=replace)
            ended = _watch(queue)
        except InvalidDraft as error:
            for problem in error.problems:
                typer.echo(texts.file_problem(problem.field, problem.message), err=True)
            raise typer.Exit(1) from error
        finally:
            queue.close()
    _tell(ended)


def _queue(aws: Aws, bucket: str, records: RecordStore) -> UploadQueue:
    storage, access = Storage(aws, bucket), Access(allow_all)
    library = ModelLibrary(storage, records, access, lambda: datetime.now(UTC))
    return UploadQueue(Uploader(aws, storage), library, access, new_id)


def _watch(queue: UploadQueue) -> Sequence[Upload]:
    """Show a bar for each file until all have ended."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, TransferSpeedColumn()) as bars:
        rows = {each.id: bars.add_task(each.name, total=each.size) for each in queue.list(LOCAL)}
        while True:
            uploads = queue.list(LOCAL)
            for each in uploads:
                label = texts.upload_label(each.name, each.stage)
                bars.update(rows[each.id], completed=each.done, description=label)
            if not any(each.active for each in uploads):
                return uploads
            time.sleep(_LOOK_SECONDS)


def _tell(uploads: Sequence[Upload]) -> None:
    for each in uploads:
        if each.stage is not UploadStage.DONE:
            typer.echo(texts.file_problem(each.name, each.message or each.stage.value), err=True)
    if any(each.stage is not UploadStage.DONE for each in uploads):
        raise typer.Exit(1)
