"""What somebody wants to upload, checked before anything is sent."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from core.errors import InvalidDraft, InvalidInput, Problem
from core.models.metadata.fields import FieldSource, ModelFields
from core.models.uploads.planning.path_expansion import SkippedFile
from core.models.uploads.planning.plan import UploadFile, check_file, require_name
from core.models.uploads.planning.roots import UploadRoots
from core.models.uploads.records import Upload, UploadStage
from core.models.uploads.sending.contents import check_extension, check_size
from core.models.uploads.sending.object_reader import ObjectReader, ObjectVersion
from core.models.uploads.sending.s3_copy import check_object, find_object
from core.models.uploads.sending.verification import source_of
from core.models.uploads.sources import PathSource, S3Source, UploadSource, UrlSource
from core.texts import models as model_texts
from core.texts.models import uploads as texts
from formats.frozen import Frozen
from formats.models.kinds import ModelKind


class NewUpload(Frozen):
    """What somebody wants to upload; None takes what the file itself says."""

    source: UploadSource
    kind: ModelKind | None = None
    name: str | None = None
    size: int | None = None
    """What a site tells of its file, in bytes; of others it is looked up."""
    replace: bool = False
    layers: Mapping[FieldSource, ModelFields] = {}
    """What a site says of the model."""


class StartedPaths(Frozen):
    """What came of paths: the uploads, and what a folder had beside models."""

    started: tuple[Upload, ...]
    skipped: tuple[SkippedFile, ...]


class FoundPaths(NamedTuple):
    """What paths mean, before anything is begun."""

    files: tuple[NewUpload, ...]
    skipped: tuple[SkippedFile, ...]


class UploadChecks:
    """Checks what is to be uploaded: names, kinds, headers, places."""

    def __init__(self, roots: UploadRoots, reader: ObjectReader) -> None:
        self._roots = roots
        self._reader = reader

    def check_all(self, sources: Sequence[NewUpload]) -> Sequence[NewUpload]:
        """Each with its kind, name and size. Raises InvalidDraft with a problem for each bad one,
        whose field is what a person typed for it."""
        checked, problems = [], []
        for new in sources:
            try:
                checked.append(self._checked(new))
            except InvalidInput as error:
                problems.append(Problem(_address(new.source), str(error)))
        if problems:
            raise InvalidDraft(tuple(problems))
        return checked

    def _checked(self, new: NewUpload) -> NewUpload:
        source = new.source
        if isinstance(source, PathSource):
            file = check_file(str(source.path), new.kind, self._roots)
            name = new.name or file.name
            check_extension(name, file.kind)
            require_name(file.kind, name)
            return new_of_file(file, replace=new.replace).model_copy(update={"name": name})
        if isinstance(source, S3Source):
            return self.checked_object(new, find_object(self._reader, source.uri))
        if not isinstance(source, UrlSource):
            raise InvalidInput(texts.DROP_AGAIN)
        if new.kind is None or not new.name:
            raise InvalidInput(model_texts.KIND_UNKNOWN)
        check_extension(new.name, new.kind)
        check_size(new.kind, new.name, new.size)
        require_name(new.kind, new.name)
        return new

    def checked_object(self, new: NewUpload, version: ObjectVersion) -> NewUpload:
        """What an object in S3 would become. Raises InvalidInput."""
        name = new.name or PurePosixPath(version.key).name
        kind = check_object(self._reader, version, name, new.kind)
        require_name(kind, name)
        changes = {"source": source_of(version), "kind": kind, "name": name, "size": version.size}
        return new.model_copy(update=changes)


def new_of_file(file: UploadFile, *, replace: bool = False) -> NewUpload:
    """What a checked file on this machine would become."""
    source = PathSource(path=file.path, modified=file.modified)
    return NewUpload(source=source, kind=file.kind, name=file.name, size=file.size, replace=replace)


def _address(source: UploadSource) -> str:
    """What a person typed for it."""
    if isinstance(source, PathSource):
        return str(source.path)
    if isinstance(source, S3Source):
        return source.uri
    return source.url if isinstance(source, UrlSource) else source.file_name


def find_same(known: Sequence[Upload], new: NewUpload) -> Upload | None:
    """The upload of the same that is under way, or that can go on."""
    wanted = (new.kind, new.name, new.replace)
    for upload in known:
        can_go_on = upload.active or upload.stage is UploadStage.FAILED
        is_same = (upload.kind, upload.name, upload.replace) == wanted
        if can_go_on and is_same and _is_same(upload.source, new.source):
            return upload
    return None


def _is_same(one: UploadSource, other: UploadSource) -> bool:
    """Whether both are the same version of the same file."""
    if isinstance(one, UrlSource) and isinstance(other, UrlSource):
        return one.url == other.url
    return one == other
