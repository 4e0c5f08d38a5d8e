"""Tells which of the models of an infotext are in the library: by hash first, else by name."""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple
from urllib.parse import urlencode

from core.models.metadata.hashes import (
    AUTO_V1_DIGITS,
    AUTO_V3_DIGITS,
    Hashes,
)
from core.models.metadata.infotext_models import NamedModel, bare_name, named_models
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


class _Known(NamedTuple):
    """What is compared of a file, made once."""

    key: str
    kind: ModelKind
    hashes: Hashes
    names: frozenset[str]
    address: str


def missing_models(text: str, files: Iterable[SearchedFile]) -> tuple[Answer, ...]:
    """An answer for each model that an infotext names, those that are missing first.

    Raises InvalidInput for a text that is too long to be an infotext.
    """
    models = named_models(text)
    known = [_known(file) for file in files] if models else []
    answers = (_answer(model, [f for f in known if _may_be(f, model)]) for model in models)
    return tuple(sorted(answers, key=lambda answer: _WORST_FIRST.index(answer.standing)))


_WORST_FIRST: Final = tuple(Standing)


def found_file(answers: Iterable[Answer]) -> Callable[[ModelKind, str], str | None]:
    """Looks up which file of the library a name of the infotext means; None for a missing one.

    Without a name it is the one of that kind that the text gives by its hash alone.
    """
    files = {
        (answer.model.kind, fold(answer.model.name)): answer.keys[0].rpartition("/")[2]
        for answer in answers
        if answer.keys
    }
    return lambda kind, name: files.get((kind, fold(bare_name(name))))


def _known(file: SearchedFile) -> _Known:
    """Its names are its file's, the one that people see, and its trainer's (A1111's alias)."""
    fields = file.known.fields
    names = (file.name.rpartition(".")[0], file.title, fields.title or "")
    folded = frozenset(fold(name) for name in names)
    return _Known(file.key, file.kind, file.hashes, folded, fields.source_url or "")


def _may_be(file: _Known, model: NamedModel) -> bool:
    return model.kind in (None, file.kind)


def _answer(model: NamedModel, files: Sequence[_Known]) -> Answer:
    same = [file for file in files if _is_it(file, model)]
    if same:
        return Answer(model=model, standing=Standing.BY_HASH, keys=_keys(same))
    named = [file for file in files if model.name and fold(model.name) in file.names]
    if not named:
        return Answer(model=model, standing=Standing.MISSING)
    others = all(_differs(file.hashes, model) for file in named)
    standing = Standing.OTHER_HASH if others else Standing.BY_NAME
    return Answer(model=model, standing=standing, keys=_keys(named))


def _keys(files: Iterable[_Known]) -> tuple[str, ...]:
    return tuple(file.key for file in files)


def _is_it(file: _Known, model: NamedModel) -> bool:
    """By a hash, or because it came from Civitai as that version."""
    if any(map(file.hashes.has, model.hashes)):
        return True
    return bool(model.version) and file.address.endswith(f"modelVersionId={model.version}")


def _differs(hashes: Hashes, model: NamedModel) -> bool:
    """Whether a hash of the text can be compared with the file's, which `has` found different."""
    return any(_is_comparable(hashes, digits, model.kind) for digits in model.hashes)


def _is_comparable(hashes: Hashes, digits: str, kind: ModelKind | None) -> bool:
    if len(digits) == AUTO_V1_DIGITS:
        return bool(hashes.auto_v1)
    if len(digits) == AUTO_V3_DIGITS and kind in _BODY_HASHED:
        return bool(hashes.auto_v3)
    return bool(hashes.sha256)
