"""`contrapposto upload`: sends model files to the bucket, as the Models page does."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Annotated, Final

import typer
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from cli import texts
from cli.backup.records import open_records
from cli.connection import opened
from cli.upload_plan import UploadPlan
from core.aws.client import Aws
from core.aws.storage import Storage
from core.errors import InvalidDraft
from core.ids import new_id, utc_now
from core.models.remote.opening import open_remote_models
from core.models.service import ModelLibrary
from core.models.uploads.queue import UploadQueue
from core.models.uploads.queue_parts import UploadServices
from core.models.uploads.records import Upload, UploadStage
from core.settings import Settings
from core.team.access import Access, allow_all
from core.team.users import LOCAL
from formats.models.kinds import ModelKind

_LOOK_SECONDS: Final = 0.2


def upload(
    files: Annotated[list[str], typer.Argument(help=texts.FILES)],
    kind: Annotated[ModelKind | None, typer.Option(help=texts.KIND)] = None,
    replace: Annotated[bool, typer.Option("--replace", help=texts.REPLACE)] = False,
) -> None:
    """Upload them all, or nothing where one can't be a model; exits with 1 where one failed.

    Interrupted by Ctrl-C the uploads pause, and the same command goes on with them.
    """
    with opened() as (settings, aws), _queue(settings, aws) as (queue, plan):
        try:
            wanted = plan.look(files, kind)
            plan.tell(wanted)
            new = [each.model_copy(update={"replace": replace}) for each in wanted]
            ids = [each.id for each in queue.start(LOCAL, new)]
        except InvalidDraft as error:
            for problem in error.problems:
                typer.echo(texts.file_problem(problem.field, problem.message), err=True)
            raise typer.Exit(1) from error
        queue.work_on(ids)
        ended = _watch(queue, ids)
    _tell(ended)


@contextmanager
def _queue(settings: Settings, aws: Aws) -> Iterator[tuple[UploadQueue, UploadPlan]]:
    """The studio's list of uploads; this process works on its own alone."""
    storage, access = Storage(aws, settings.bucket), Access(allow_all)
    with closing(open_records(settings, aws)) as records:
        library = ModelLibrary(storage, records, access, utc_now)
        remote = open_remote_models(settings, access, library)
        services = UploadServices(
            aws=aws,
            storage=storage,
            records=records,
            library=library,
            access=access,
            clock=utc_now,
            new_id=new_id,
            remote=remote,
        )
        with closing(remote), closing(UploadQueue(services)) as queue:
            yield queue, UploadPlan(queue, library, remote)


def _watch(queue: UploadQueue, ids: Sequence[str]) -> Sequence[Upload]:
    """Show a bar for each file until all have ended, or wait for somebody. Ctrl-C pauses them."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, TransferSpeedColumn(), TimeRemainingColumn()) as bars:
        rows = {upload_id: bars.add_task("", total=None) for upload_id in ids}
        try:
            while True:
                uploads = [each for each in queue.list(LOCAL) if each.id in rows]
                for each in uploads:
                    label = texts.upload_label(each.name, each.stage)
                    row = rows[each.id]
                    bars.update(row, completed=each.done, total=each.size, description=label)
                if all(_is_over(each) for each in uploads):
                    return uploads
                time.sleep(_LOOK_SECONDS)
        except KeyboardInterrupt:
            for each in queue.list(LOCAL):
                if each.id in rows and not _is_over(each):
                    queue.pause(LOCAL, each.id)
            raise


def _is_over(upload: Upload) -> bool:
    return not upload.active or upload.stage is UploadStage.PAUSED


def _tell(uploads: Sequence[Upload]) -> None:
    for each in uploads:
        if each.stage is not UploadStage.DONE:
            typer.echo(texts.file_problem(each.name, each.message or each.stage.value), err=True)
        elif each.message:
            typer.echo(texts.file_problem(each.name, each.message))
    if any(each.stage is not UploadStage.DONE for each in uploads):
        raise typer.Exit(1)
