"""Puts together what a site's list and a file's first bytes say of the file."""

from pathlib import PurePosixPath

from pydantic import ValidationError

from core.models.listing.inspection import check_kind
from core.models.remote.header_peek import Peek
from core.models.remote.preview import RemoteFile
from core.models.remote.sites.listing import ListedFile, refusal_by_name
from core.models.uploads.sources import UrlSource
from core.texts import remote as texts
from formats.keys import model_key
from formats.models.detection import classify
from formats.models.kinds import BODY_NETWORK, Family, ModelKind, unsupported_reason


def merely_listed(listed: ListedFile) -> RemoteFile:
    """A file that was not looked at."""
    return RemoteFile(
        source=UrlSource(url=str(listed.url), page=listed.page, sha256=listed.sha256),
        name=listed.name,
        size=listed.size,
        kind=listed.kind,
        problem=listed.problem,
        is_main=listed.is_main,
    )


def looked_at(listed: ListedFile, found: Peek) -> RemoteFile:
    """A file whose first bytes were read: the header says more than the list."""
    name = listed.name if listed.is_renamed else found.name or listed.name
    kind, family, problem = _kind(listed.kind, name, found)
    size = listed.size if found.size is None else found.size
    return RemoteFile(
        source=UrlSource(
            url=str(listed.url),
            page=listed.page,
            etag=found.version,
            sha256=listed.sha256 or found.sha256,
        ),
        name=name,
        size=size,
        kind=kind,
        family=family,
        problem=found.problem
        or refusal_by_name(name, kind)
        or problem
        or _name_problem(listed, name)
        or ("" if size else texts.unknown_length(listed.url.host)),
        is_main=listed.is_main,
    )


def _kind(told: ModelKind | None, name: str, found: Peek) -> tuple[ModelKind | None, Family, str]:
    """Kind and family, and why the container would refuse the file."""
    if found.header is None:
        kind = told or _kind_of_pickle(name)
        return kind, Family.UNKNOWN, (unsupported_reason(kind, name) or "") if kind else ""
    classification = classify(found.header)
    kind = classification.kind or told
    family, problem = check_kind(classification, kind or ModelKind.CHECKPOINT)
    return kind, family, problem or ""


def _kind_of_pickle(name: str) -> ModelKind | None:
    """What it can only be, as of other kinds no pickle is taken."""
    if PurePosixPath(name).suffix.lower() == ".pt":
        return ModelKind.EMBEDDING
    return ModelKind.ANNOTATOR if name == BODY_NETWORK else None


def _name_problem(listed: ListedFile, name: str) -> str:
    try:
        model_key(ModelKind.CHECKPOINT, name)
    except ValidationError:
        return texts.no_name(listed.url.host)
    return ""
