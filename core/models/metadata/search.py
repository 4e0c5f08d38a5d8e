"""The library's search language: which model files a query finds.

Words, `"whole phrases"`, and `field:value` with the fields of `Field`; a `-` before any of them
leaves out what it finds. All must hold. Neither case nor accents count. A field without a value
finds the files that have any, `-tag:` those without tags.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final, Protocol

from core.models.metadata.fields import Known
from core.models.metadata.hashes import Hashes, as_hash
from formats.frozen import Frozen
from formats.models.kinds import Family, ModelKind

MAX_QUERY: Final = 500
"""Characters of a query that are read."""
_FOLDED: Final = 1 << 15
"""Texts that are kept as they are compared: about six a file, each folded once."""
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]+")
_TERM: Final = re.compile(r'(?P<no>-?)(?:(?P<field>\w+):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>\S+))?')


class Field(StrEnum):
    """What of a file a term may name; the value is what is typed before the colon."""

    NAME = "name"
    TAG = "tag"
    KIND = "kind"
    FAMILY = "family"
    BASE = "base"
    HASH = "hash"
    WORD = "word"
    OWNER = "owner"
    NOTE = "note"


_FIELDS: Final = {field.value: field for field in Field}


class SearchedFile(Protocol):
    """What of a model file is searched."""

    @property
    def key(self) -> str:
        """In the bucket."""

    @property
    def name(self) -> str:
        """Of the file."""

    @property
    def title(self) -> str:
        """The name that people see."""

    @property
    def kind(self) -> ModelKind:
        """Its folder."""

    @property
    def family(self) -> Family:
        """Of its header."""

    @property
    def owner(self) -> str:
        """Who brought it."""

    @property
    def known(self) -> Known:
        """What is said of it."""

    @property
    def hashes(self) -> Hashes:
        """Those that are known."""


class Term(Frozen):
    """One condition; `text` is folded, and `field` None looks everywhere."""

    text: str
    field: Field | None = None
    is_left_out: bool = False


Query = tuple[Term, ...]


@lru_cache(_FOLDED)
def fold(text: str) -> str:
    """A text as it is compared: without case, accents and double spaces."""
    return " ".join(_FOREIGN.sub(_bare, text.casefold()).split())


def _bare(foreign: re.Match[str]) -> str:
    """Letter by letter: to sort a long run of accents takes time by the square of its length."""
    parts = (unicodedata.normalize("NFKD", letter) for letter in foreign[0])
    return "".join(each for part in parts for each in part if not unicodedata.combining(each))


def parse(query: str) -> Query:
    """The conditions of a query; there is no wrong one, as it is read while it is typed.

    A word before a colon that is no field is a part of the word.
    """
    return tuple(_terms(query[:MAX_QUERY]))


def _terms(query: str) -> Iterator[Term]:
    at = 0
    while at < len(query):
        found = _TERM.match(query, at)
        if found is None or found.end() == at:
            at += 1  # a space
            continue
        at = found.end()
        if term := _term(found):
            yield term


def _term(found: re.Match[str]) -> Term | None:
    name = (found["field"] or "").lower()
    value = found["phrase"] if found["phrase"] is not None else found["word"] or ""
    field = _FIELDS.get(name)
    if name and field is None:
        value = f"{found['field']}:{value}"
    text = fold(value)
    if not (text or field):
        return None
    return Term(text=text, field=field, is_left_out=bool(found["no"]))


def matches(query: str | Query) -> Callable[[SearchedFile], bool]:
    """Tells of each file whether a query finds it; an empty query finds all."""
    terms = parse(query) if isinstance(query, str) else query
    return lambda file: all(_holds(term, file) is not term.is_left_out for term in terms)


def _holds(term: Term, file: SearchedFile) -> bool:
    if term.field is Field.HASH:
        return _has_hash(term.text, file.hashes)
    if term.field:
        return _is_in(term.text, _VALUES[term.field](file))
    if _is_in(term.text, _everywhere(file)):
        return True
    digits = as_hash(term.text)
    return digits is not None and file.hashes.has(digits)


def _is_in(text: str, values: Iterable[str | None]) -> bool:
    return any(text in fold(value) for value in values if value)


def _has_hash(text: str, hashes: Hashes) -> bool:
    """By its start, as it is typed."""
    start = text.removeprefix("0x")
    known = (hashes.sha256, hashes.auto_v1, hashes.auto_v3)
    if any(each.startswith(start) for each in known if each):
        return True
    digits = as_hash(start)
    return digits is not None and hashes.has(digits)


def _everywhere(file: SearchedFile) -> Iterator[str | None]:
    for values in _VALUES.values():
        yield from values(file)
    fields = file.known.fields
    yield from (fields.version, fields.author, fields.description, fields.licence)


_VALUES: Final[Mapping[Field, Callable[[SearchedFile], Iterable[str | None]]]] = {
    Field.NAME: lambda file: (file.name, file.title, file.known.fields.title),
    Field.TAG: lambda file: file.known.fields.tags or (),
    Field.KIND: lambda file: (file.kind.label, file.kind.value),
    Field.FAMILY: lambda file: (file.family.value,),
    Field.BASE: lambda file: (file.known.fields.base_model,),
    Field.WORD: lambda file: file.known.fields.trained_words or (),
    Field.OWNER: lambda file: (file.owner,),
    Field.NOTE: lambda file: (file.known.fields.notes,),
}
"""Of the fields that hold texts."""
