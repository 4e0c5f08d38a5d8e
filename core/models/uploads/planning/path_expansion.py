"""Which files paths mean: one file, a folder with all below it, or a glob."""

import os
from collections.abc import Iterator, Sequence
from glob import has_magic
from itertools import islice, takewhile
from pathlib import Path
from typing import Final

from core.errors import InvalidDraft, InvalidInput, Problem
from core.models.metadata.side_cars import model_stem_of
from core.models.uploads.planning.plan import UploadFile, check_file
from core.models.uploads.planning.roots import UploadRoots
from core.texts import models as texts
from core.texts.models import uploads as upload_texts
from formats.frozen import Frozen
from formats.models.kinds import ModelKind

MAX_PATHS: Final = 50
"""Lines that somebody types at once."""
MAX_FILES: Final = 2000
"""Entries of folders and globs that are looked at."""
_MODEL_SUFFIXES: Final = frozenset({".safetensors", ".pt", ".pth", ".ckpt", ".bin", ".onnx"})
"""What may be meant as a model; anything else in a folder is skipped without a look inside."""


class SkippedFile(Frozen):
    """A file of a folder or a glob that is not uploaded, and why."""

    path: str
    reason: str


class ExpandedPaths(Frozen):
    """The model files that paths mean, and what was found beside them."""

    files: tuple[UploadFile, ...]
    skipped: tuple[SkippedFile, ...]


def expand(paths: Sequence[str], kind: ModelKind | None, roots: UploadRoots) -> ExpandedPaths:
    """Find and check every file.

    A file that was named must be a model: raises InvalidDraft with a problem for each path. What a
    folder or a glob has besides models and their side-cars is skipped. Links are followed to files,
    not to folders; each file must lie below the roots itself.
    """
    named = list(dict.fromkeys(path for each in paths if (path := each.strip())))
    if not named:
        raise InvalidInput(texts.NO_PATHS)
    if len(named) > MAX_PATHS:
        raise InvalidInput(texts.too_many_paths(len(named), MAX_PATHS))
    expansion = _Expansion(kind, roots)
    for path in named:
        expansion.add(path)
    return expansion.result()


class _Expansion:
    def __init__(self, kind: ModelKind | None, roots: UploadRoots) -> None:
        self._kind = kind
        self._roots = roots
        self._files: dict[str, UploadFile] = {}
        """By the key that each becomes, as far as S3 tells names apart."""
        self._real: set[Path] = set()
        self._skipped: list[SkippedFile] = []
        self._problems: list[Problem] = []

    def add(self, path: str) -> None:
        """One line that somebody typed."""
        try:
            found = self._found(path)
            if found is None:
                self._take(path)
            else:
                self._take_all(path, found)
        except InvalidInput as error:
            self._problems.append(Problem(path, str(error)))

    def result(self) -> ExpandedPaths:
        """Raises InvalidDraft."""
        if self._problems:
            raise InvalidDraft(tuple(self._problems))
        files = tuple(self._files.values())
        models = {(file.path.parent, file.path.stem) for file in files}
        skipped = tuple(each for each in self._skipped if _model_beside(each) not in models)
        return ExpandedPaths(files=files, skipped=skipped)

    def _found(self, path: str) -> Iterator[Path] | None:
        """What a folder or a glob has; None for the path of one file."""
        try:
            typed = Path(path).expanduser()
            is_folder, exists = typed.is_dir(), typed.exists()
        except (OSError, RuntimeError, ValueError) as error:
            raise InvalidInput(texts.unusable_file(str(error))) from error
        if is_folder:
            _require_absolute(typed)
            self._roots.require(typed)
            return _files_below(typed)
        if exists or not has_magic(path):
            return None
        _require_absolute(typed)
        self._roots.require(_fixed_part(typed))
        return (each for each in _matches(typed) if self._may_list(each.parent))

    def _may_list(self, folder: Path) -> bool:
        """Whether somebody may know what is in a folder, which a glob may lead out to."""
        try:
            self._roots.require(folder)
        except (InvalidInput, OSError, RuntimeError):
            return False
        return True

    def _take_all(self, path: str, found: Iterator[Path]) -> None:
        entries = sorted(islice(found, MAX_FILES + 1))
        if len(entries) > MAX_FILES:
            raise InvalidInput(upload_texts.too_many_files(MAX_FILES))
        before = len(self._files)
        for entry in entries:
            self._consider(entry)
        if not entries or (len(self._files) == before and not self._skipped):
            raise InvalidInput(upload_texts.NO_MODELS_FOUND, path)

    def _consider(self, entry: Path) -> None:
        if entry.suffix.lower() not in _MODEL_SUFFIXES:
            self._skipped.append(SkippedFile(path=str(entry), reason=upload_texts.NOT_A_MODEL))
            return
        try:
            self._take(str(entry))
        except InvalidInput as error:
            self._skipped.append(SkippedFile(path=str(entry), reason=str(error)))

    def _take(self, path: str) -> None:
        file = check_file(path, self._kind, self._roots)
        real = file.path.resolve()
        if real in self._real:
            return
        place = f"{file.kind.value}/{file.name}"
        if place in self._files:
            raise InvalidInput(upload_texts.SAME_NAME_TWICE)
        self._real.add(real)
        self._files[place] = file


def _model_beside(skipped: SkippedFile) -> tuple[Path, str | None]:
    """Folder and stem of the model that a side-car or a preview comes along with."""
    path = Path(skipped.path)
    return path.parent, model_stem_of(path.name)


def _require_absolute(path: Path) -> None:
    if not path.is_absolute():
        raise InvalidInput(texts.NOT_ABSOLUTE)


def _files_below(folder: Path) -> Iterator[Path]:
    """Files in a folder and below it, without hidden ones and folders behind links."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent, name) for name in names if not name.startswith("."))


def _fixed_part(pattern: Path) -> Path:
    """The folder that a glob begins from."""
    fixed = takewhile(lambda part: not has_magic(part), pattern.parts)
    return Path(*fixed)


def _matches(pattern: Path) -> Iterator[Path]:
    """What a glob means, `**` for any depth; folders, and what is hidden, are left out."""
    anchor = Path(pattern.anchor)
    try:
        for found in anchor.glob(str(pattern.relative_to(anchor))):
            is_hidden = any(p.startswith(".") and p not in pattern.parts for p in found.parts)
            if not is_hidden and not found.is_dir():
                yield found
    except (OSError, ValueError, NotImplementedError) as error:
        raise InvalidInput(texts.unusable_file(str(error))) from error
