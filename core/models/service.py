"""Owns the list of model files: what S3 holds, with kind and family read from each header."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import PurePath
from threading import Lock
from typing import Final

from core.access import Access, Action, User
from core.aws.storage import ObjectContent, ObjectSummary, Storage
from core.errors import AwsError, InvalidInput, NotFound
from formats.frozen import Frozen
from formats.keys import MODELS, model_key, parse_model_key
from formats.limits import MAX_HEADER_BYTES
from formats.models.detection import Classified, classify
from formats.models.kinds import Family, ModelKind, unread
from formats.models.safetensors_header import Header, HeaderError, header_size, parse_header

log = logging.getLogger(__name__)

HASH_METADATA: Final = "sha256"
OWNER_METADATA: Final = "owner"
_FIRST_BYTES: Final = 512 * 1024
"""One ranged GET; SD 1.5's whole header has 155 KB, SDXL's 320 KB."""

_READERS: Final = 8
_MAX_ABOUT: Final = 300
"""Characters of a description that are shown; some makers put a whole page there."""

_SHARED: Final = "shared"
"""Owner of a file that another tool put there."""


class ModelFile(Frozen):
    """One file in S3 under `models/<kind>/<name>`."""

    key: str
    kind: ModelKind
    name: str
    size: int
    modified: datetime
    family: Family = Family.UNKNOWN
    sha256: str | None = None
    owner: str = _SHARED
    problem: str | None = None
    """Why the container would refuse it, where that can be seen from here."""
    about: str = ""
    """What its maker says of it: description, then the words that call it (modelspec 1.0.1)."""


class _Inspected(Frozen):
    family: Family = Family.UNKNOWN
    sha256: str | None = None
    owner: str = _SHARED
    problem: str | None = None
    about: str = ""


class ModelLibrary:
    """Lists and deletes model files. S3 is the truth: a file put there by any tool appears.

    A listing costs one call for each thousand files; a file's header is read once per version.
    """

    def __init__(self, storage: Storage, access: Access) -> None:
        self._storage = storage
        self._access = access
        self._lock = Lock()
        self._files: tuple[ModelFile, ...] | None = None
        self._inspected: dict[tuple[str, str], _Inspected] = {}

    def list(self, user: User, *, refresh: bool = False) -> tuple[ModelFile, ...]:
        """All files the user may use, by kind and name. Asks S3 only when told to, or at first."""
        with self._lock:
            if self._files is None or refresh:
                self._files = self._read()
            files = self._files
        return tuple(f for f in files if self._access.may(user, Action.USE, f.owner))

    def of_kind(self, user: User, kind: ModelKind) -> tuple[ModelFile, ...]:
        """The files of one kind."""
        return tuple(file for file in self.list(user) if file.kind is kind)

    def find(self, user: User, kind: ModelKind, name: str) -> ModelFile | None:
        """One file, or None."""
        return next((f for f in self.list(user) if (f.kind, f.name) == (kind, name)), None)

    def forget(self) -> None:
        """Make the next list ask S3; called after an upload."""
        with self._lock:
            self._files = None

    def delete(self, user: User, kind: ModelKind, name: str) -> None:
        """Remove a file. Raises NotFound, NotAllowed."""
        file = self.find(user, kind, name)
        if file is None:
            raise NotFound(f"{name} is not in S3 any more. Refresh the list.")
        self._access.require(user, Action.DELETE, file.owner)
        self._storage.delete((model_key(kind, name),))
        self.forget()

    def _read(self) -> tuple[ModelFile, ...]:
        stored = [s for s in self._storage.list(MODELS) if parse_model_key(s.key)]
        with ThreadPoolExecutor(_READERS) as pool:
            files = list(pool.map(self._describe, stored))
        self._forget_old({(s.key, s.etag) for s in stored})
        return tuple(sorted(files, key=lambda f: (f.kind.value, f.name.lower())))

    def _forget_old(self, present: set[tuple[str, str]]) -> None:
        self._inspected = {k: v for k, v in self._inspected.items() if k in present}

    def _describe(self, stored: ObjectSummary) -> ModelFile:
        parsed = parse_model_key(stored.key)
        if parsed is None:
            raise InvalidInput(f"{stored.key} is no model's key.")
        kind, name = parsed
        seen = self._inspect(stored, kind)
        return ModelFile(
            key=stored.key,
            kind=kind,
            name=name,
            size=stored.size,
            modified=stored.modified,
            **seen.model_dump(),
        )

    def _inspect(self, stored: ObjectSummary, kind: ModelKind) -> _Inspected:
        version = (stored.key, stored.etag)
        if version not in self._inspected:
            try:
                self._inspected[version] = self._look_inside(stored, kind)
            except AwsError as error:
                log.warning("event=model_unreadable key=%s error=%s", stored.key, error)
                return _Inspected(problem=str(error))
        return self._inspected[version]

    def _look_inside(self, stored: ObjectSummary, kind: ModelKind) -> _Inspected:
        content = self._storage.read(stored.key, _FIRST_BYTES) if stored.size else None
        metadata = content.metadata if content else {}
        seen = _Inspected(
            sha256=metadata.get(HASH_METADATA), owner=metadata.get(OWNER_METADATA, _SHARED)
        )
        return seen.model_copy(update=self._read_header(stored, kind, content))

    def _read_header(
        self, stored: ObjectSummary, kind: ModelKind, content: ObjectContent | None
    ) -> dict[str, object]:
        """What the header adds to a file's entry."""
        if reason := unread(kind, PurePath(stored.key).name):
            return {"problem": reason}
        if not stored.key.endswith(".safetensors"):
            return {}
        if content is None:
            return {"problem": "The file is empty."}
        try:
            header = parse_header(self._whole_header(stored, content.data))
        except HeaderError as error:
            return {"problem": str(error)}
        if header.file_size != stored.size:
            return {"problem": "The file is cut off or damaged; upload it again."}
        family, problem = judge(classify(header), kind)
        return {"family": family, "problem": problem, "about": _about(header)}

    def _whole_header(self, stored: ObjectSummary, first: bytes) -> bytes:
        size = header_size(first)
        if size <= len(first) or size > MAX_HEADER_BYTES:
            return first
        return self._storage.read(stored.key, size).data


def _about(header: Header) -> str:
    said = header.metadata.get("modelspec.description", "").strip()[:_MAX_ABOUT]
    words = header.metadata.get("modelspec.trigger_phrase", "").strip()[:_MAX_ABOUT]
    return " ".join(part for part in (said, words and f"Say: {words}.") if part)


def judge(found: Classified, chosen: ModelKind) -> tuple[Family, str | None]:
    """Family, and what is wrong where the header says another kind than the chosen folder."""
    if found.kind is None or found.kind is chosen:
        return found.family, None
    return found.family, f"The file is a {found.kind.label}, not a {chosen.label}."
