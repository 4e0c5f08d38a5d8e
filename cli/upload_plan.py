"""What the arguments of `contrapposto upload` mean, told before anything is sent."""

from collections.abc import Callable, Sequence
from pathlib import Path

import typer

from cli import texts
from core.errors import ContrappostoError, InvalidDraft, InvalidInput, Problem
from core.models.remote.service import RemoteModels
from core.models.service import ModelLibrary
from core.models.uploads.planning.new_upload import NewUpload
from core.models.uploads.queue import UploadQueue
from core.team.users import LOCAL
from formats.keys import model_key
from formats.models.kinds import ModelKind


class UploadPlan:
    """Looks at paths and addresses."""

    def __init__(self, queue: UploadQueue, library: ModelLibrary, remote: RemoteModels) -> None:
        self._queue = queue
        self._library = library
        self._remote = remote

    def look(self, arguments: Sequence[str], kind: ModelKind | None) -> list[NewUpload]:
        """Every file that is meant. Raises InvalidDraft with all that is wrong."""
        wanted: list[NewUpload] = []
        problems: list[Problem] = []
        paths = [each for each in arguments if "://" not in each]
        for address in (each for each in arguments if "://" in each):
            look: Callable[[str, ModelKind | None], NewUpload] = self._page
            if address.startswith("s3://"):
                look = self._object
            try:
                wanted.append(look(address, kind))
            except ContrappostoError as error:
                problems.append(Problem(address, str(error)))
        try:
            wanted += self._paths(paths, kind) if paths else ()
        except InvalidDraft as error:
            problems += error.problems
        if problems:
            raise InvalidDraft(tuple(problems))
        return wanted

    def tell(self, wanted: Sequence[NewUpload]) -> None:
        """What will come, and what S3 has under its name."""
        there = {file.key for file in self._library.list(LOCAL)}
        for new in wanted:
            key = model_key(new.kind or ModelKind.CHECKPOINT, new.name or "")
            typer.echo(texts.planned(key, new.size, is_there=key in there))

    def _object(self, address: str, kind: ModelKind | None) -> NewUpload:
        return self._queue.look_at_address(LOCAL, address, kind)

    def _page(self, address: str, kind: ModelKind | None) -> NewUpload:
        """The one file of an address, or the one that its site offers first."""
        preview = self._remote.preview(LOCAL, address)
        found = preview.files
        mains = [file for file in found if file.is_main] or list(found)
        if len(mains) > 1:
            raise InvalidInput(texts.several_files([file.source.url for file in mains]), address)
        (file,) = mains
        if file.problem:
            raise InvalidInput(file.problem, address)
        return NewUpload(source=file.source, kind=kind or file.kind, name=file.name, size=file.size)

    def _paths(self, paths: Sequence[str], kind: ModelKind | None) -> Sequence[NewUpload]:
        absolute = [str(Path(path).expanduser().absolute()) for path in paths]
        files, skipped = self._queue.look_at_paths(LOCAL, absolute, kind)
        for file in skipped:
            typer.echo(texts.skipped(file.path, file.reason))
        return files
