"""Tells which of the models of an infotext are in the library: by hash first, else by name."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import urlencode

from core.models.metadata.hashes import (
    AUTO_V1_DIGITS,
    AUTO_V3_DIGITS,
    Hashes,
)
from core.models.metadata.infotext_models import NamedModel, named_models
from core.models.metadata.search import SearchedFile, fold
from formats.frozen import Frozen
from formats.models.kinds import ModelKind

_SITE: Final = "https://civitai.com"
_BODY_HASHED: Final = (ModelKind.LORA, None)
"""Kinds whose hash of twelve digits is AutoV3; that of an embedding is its file's."""


class Standing(StrEnum):
    """Whether a model of an infotext is here; the worst first."""

    MISSING = "missing"
    OTHER_HASH = "other hash"
    BY_NAME = "by name"
    BY_HASH = "by hash"


class Answer(Frozen):
    """What became of one model of an infotext."""

    model: NamedModel
    standing: Standing
    keys: tuple[str, ...] = ()
    """Of the files that it is, or that have its name."""

    @property
    def address(self) -> str:
        """Where a person finds it on Civitai: its version's page, else a search by hash or name."""
        if self.model.version:
            return f"{_SITE}/model-versions/{self.model.version}"
        query = urlencode({"query": next(iter(self.model.hashes), self.model.name)})
        return f"{_SITE}/search/models?{query}"


File = TypeVar("File", bound=SearchedFile)


def missing_models(text: str, files: Iterable[SearchedFile]) -> tuple[Answer, ...]:
    """An answer for each model that an infotext names, those that are missing first.

    Raises InvalidInput for a text that is too long to be an infotext.
    """
    known = tuple(files)
    answers = (_answer(model, _of_kind(known, model.kind)) for model in named_models(text))
    return tuple(sorted(answers, key=lambda answer: _WORST_FIRST.index(answer.standing)))


_WORST_FIRST: Final = tuple(Standing)


def _of_kind(files: Sequence[SearchedFile], kind: ModelKind | None) -> Sequence[SearchedFile]:
    return [file for file in files if kind in (None, file.kind)]


def _answer(model: NamedModel, files: Sequence[SearchedFile]) -> Answer:
    same = [file for file in files if _is_it(file, model)]
    if same:
        return Answer(model=model, standing=Standing.BY_HASH, keys=_keys(same))
    named = [file for file in files if _has_name(file, model.name)]
    if not named:
        return Answer(model=model, standing=Standing.MISSING)
    others = all(_differs(file.hashes, model) for file in named)
    standing = Standing.OTHER_HASH if others else Standing.BY_NAME
    return Answer(model=model, standing=standing, keys=_keys(named))


def _keys(files: Iterable[SearchedFile]) -> tuple[str, ...]:
    return tuple(file.key for file in files)


def _is_it(file: SearchedFile, model: NamedModel) -> bool:
    """By a hash, or because it came from Civitai as that version."""
    if any(map(file.hashes.has, model.hashes)):
        return True
    address = file.known.fields.source_url or ""
    return bool(model.version) and address.endswith(f"modelVersionId={model.version}")


def _has_name(file: SearchedFile, name: str) -> bool:
    """By its file's, by the one that people see, or by its trainer's (A1111's alias)."""
    names = (file.name.rpartition(".")[0], file.title, file.known.fields.title or "")
    return bool(name) and fold(name) in map(fold, names)


def _differs(hashes: Hashes, model: NamedModel) -> bool:
    """Whether a hash of the text can be compared with the file's, which `has` found different."""
    return any(_is_comparable(hashes, digits, model.kind) for digits in model.hashes)


def _is_comparable(hashes: Hashes, digits: str, kind: ModelKind | None) -> bool:
    if len(digits) == AUTO_V1_DIGITS:
        return bool(hashes.auto_v1)
    if len(digits) == AUTO_V3_DIGITS and kind in _BODY_HASHED:
        return bool(hashes.auto_v3)
    return bool(hashes.sha256)
