"""`contrapposto upload`: sends model files to the bucket, as the Models page does."""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
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
from core.aws.client import Aws
from core.aws.storage import Storage
from core.errors import InvalidDraft, InvalidInput, Problem, RemoteError
from core.ids import new_id, utc_now
from core.models.remote.opening import open_remote_models
from core.models.remote.service import RemoteModels
from core.models.service import ModelLibrary
from core.models.uploads.path_expansion import SkippedFile
from core.models.uploads.queue import NewUpload, UploadQueue
from core.models.uploads.queue_parts import UploadServices
from core.models.uploads.records import Upload, UploadStage
from core.settings import Settings
from core.team.access import Access, allow_all
from core.team.users import LOCAL
from formats.keys import model_key
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
    with opened() as (settings, aws), _services(settings, aws) as (queue, library, remote):
        try:
            wanted, skipped = _look(queue, remote, files, kind)
            _tell_plan(wanted, skipped, library)
            wanted = [new.model_copy(update={"replace": replace}) for new in wanted]
            ids = [each.id for each in queue.start(LOCAL, wanted)]
        except InvalidDraft as error:
            for problem in error.problems:
                typer.echo(texts.file_problem(problem.field, problem.message), err=True)
            raise typer.Exit(1) from error
        queue.work_on(ids)
        ended = _watch(queue, ids)
    _tell(ended)


@contextmanager
def _services(
    settings: Settings, aws: Aws
) -> Iterator[tuple[UploadQueue, ModelLibrary, RemoteModels]]:
    """The studio's list of uploads, of which this process works on its own alone; the library, and
    what asks web sites."""
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
            yield queue, library, remote


def _look(
    queue: UploadQueue, remote: RemoteModels, files: Sequence[str], kind: ModelKind | None
) -> tuple[list[NewUpload], Sequence[SkippedFile]]:
    """What the arguments mean. Raises InvalidDraft with every problem."""
    wanted: list[NewUpload] = []
    problems: list[Problem] = []
    paths = [each for each in files if "://" not in each]
    for address in (each for each in files if "://" in each):
        try:
            if address.startswith("s3://"):
                wanted.append(queue.look_at_address(LOCAL, address, kind))
            else:
                wanted.append(_look_on_site(remote, address, kind))
        except (InvalidInput, RemoteError) as error:
            problems.append(Problem(address, str(error)))
    skipped: Sequence[SkippedFile] = ()
    try:
        if paths:
            absolute = [str(Path(path).expanduser().absolute()) for path in paths]
            found, skipped = queue.look_at_paths(LOCAL, absolute, kind)
            wanted += found
    except InvalidDraft as error:
        problems += error.problems
    if problems:
        raise InvalidDraft(tuple(problems))
    return wanted, skipped


def _look_on_site(remote: RemoteModels, address: str, kind: ModelKind | None) -> NewUpload:
    """The file that the site offers first. Raises InvalidInput, RemoteError."""
    preview = remote.preview(LOCAL, address)
    file = next((each for each in preview.files if each.is_main), preview.files[0])
    if file.problem:
        raise InvalidInput(file.problem)
    return NewUpload(
        source=file.source,
        kind=kind or file.kind,
        name=file.name,
        size=file.size,
        layers=preview.layers,
    )


def _tell_plan(
    wanted: Sequence[NewUpload], skipped: Sequence[SkippedFile], library: ModelLibrary
) -> None:
    """What will come, what S3 has under its name, and what is left out."""
    there = {file.key for file in library.list(LOCAL)}
    for new in wanted:
        key = model_key(new.kind or ModelKind.CHECKPOINT, new.name or "")
        typer.echo(texts.planned(key, new.size, is_there=key in there))
    for file in skipped:
        typer.echo(texts.skipped(file.path, file.reason))


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
