"""Reads wildcard files: a value a line, or YAML and JSON whose nested names are `a/b`.

The rules are those of the library dynamicprompts 0.31 (its wildcards' collections), but that text
files may have weights too.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final

import yaml
from pydantic import ValidationError

from core.errors import InvalidInput
from core.texts.jobs import wildcards as texts
from formats.limits import (
    MAX_NAME,
    MAX_WILDCARD_BYTES,
    MAX_WILDCARD_LISTS,
    MAX_WILDCARD_VALUE,
    MAX_WILDCARD_VALUES,
)
from formats.prompts.dynamic.collection import WildcardValue

Lists = Mapping[str, tuple[WildcardValue, ...]]
"""The values of each wildcard of a file, by its name."""

MAX_FOLDERS: Final = 8
"""Of a name, and levels of a file."""

_FOLDER: Final = re.compile(r"[^\W_](?:[\w .-]*(?:[^\W_]|[.-]))?")
_YAML: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WEIGHT: Final = re.compile(r"(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})::(.+)", re.DOTALL)


class WildcardFormat(StrEnum):
    """How a file is written; the value is its ending."""

    TXT = "txt"
    YAML = "yaml"
    JSON = "json"


def format_of(file_name: str) -> WildcardFormat:
    """By a file's ending. Raises InvalidInput."""
    ending = PurePosixPath(file_name.lower()).suffix.removeprefix(".")
    ending = "yaml" if ending == "yml" else ending
    if ending not in set(WildcardFormat):
        raise InvalidInput(texts.NO_FORMAT, "file")
    return WildcardFormat(ending)


def clean_wildcard_name(name: str) -> str:
    """A name as a prompt can have it between its underscores. Raises InvalidInput."""
    folders = [" ".join(part.split()) for part in name.replace("\\", "/").strip("/ ").split("/")]
    cleaned = "/".join(folders)
    is_plain = all(_FOLDER.fullmatch(part) and ".." not in part for part in folders)
    if not is_plain or "__" in cleaned or len(folders) > MAX_FOLDERS or len(cleaned) > MAX_NAME:
        raise InvalidInput(texts.bad_name(name[:MAX_NAME]), "name")
    return cleaned


def decode(data: bytes) -> str:
    """The text of an uploaded file. Raises InvalidInput."""
    if len(data) > MAX_WILDCARD_BYTES:
        raise InvalidInput(texts.too_large(MAX_WILDCARD_BYTES), "file")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise InvalidInput(texts.NOT_UTF8, "file") from error


def read_lists(name: str, text: str, written: WildcardFormat) -> Lists:
    """The wildcards of a file: its own name's, or those of the names within it.

    Raises InvalidInput for what can't be read, and for more than the limits.
    """
    if len(text.encode()) > MAX_WILDCARD_BYTES:
        raise InvalidInput(texts.too_large(MAX_WILDCARD_BYTES), "text")
    found: dict[str, list[object]] = {}
    for each, values in _lists(name, text, written):
        found.setdefault(each, []).extend(values)
        if len(found) > MAX_WILDCARD_LISTS:
            raise InvalidInput(texts.too_many_lists(MAX_WILDCARD_LISTS), "text")
    lists = {each: tuple(_checked(each, values)) for each, values in found.items()}
    if not any(lists.values()):
        raise InvalidInput(texts.NO_VALUES, "text")
    return lists


def _lists(name: str, text: str, written: WildcardFormat) -> Iterator[tuple[str, Sequence[object]]]:
    if written is WildcardFormat.TXT:
        yield clean_wildcard_name(name), _lines(text)
    else:
        yield from _nested(_parsed(text, written), name, ())


def _lines(text: str) -> list[object]:
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _parsed(text: str, written: WildcardFormat) -> object:
    try:
        if written is WildcardFormat.JSON:
            content: object = json.loads(text)
        else:
            _check_yaml(text)
            content = yaml.load(text, Loader=_YAML)  # noqa: S506 - a safe loader
    except (ValueError, yaml.YAMLError) as error:
        raise InvalidInput(texts.cannot_be_read(written.value, str(error)), "text") from error
    except RecursionError as error:
        raise InvalidInput(texts.too_deep(MAX_FOLDERS), "text") from error
    return content


def _check_yaml(text: str) -> None:
    """Raise YAMLError for aliases, ten of which within each other are a billion values, and
    InvalidInput for deep nesting; before anything is built."""
    depth = 0
    for event in yaml.parse(text, Loader=_YAML):
        if isinstance(event, yaml.AliasEvent):
            raise yaml.YAMLError(texts.NO_ALIASES)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_FOLDERS + 2:
            raise InvalidInput(texts.too_deep(MAX_FOLDERS), "text")


def _nested(
    content: object, name: str, folders: tuple[str, ...]
) -> Iterator[tuple[str, list[object]]]:
    """Each list with the names that lead to it."""
    if len(folders) > MAX_FOLDERS:
        raise InvalidInput(texts.too_deep(MAX_FOLDERS), "text")
    here = clean_wildcard_name("/".join(folders) or name)
    if isinstance(content, list):
        yield here, content
    elif isinstance(content, str):
        yield here, [content]
    elif isinstance(content, Mapping):
        for key, value in content.items():
            if value is not None:
                yield from _nested(value, name, (*folders, str(key)))
    else:
        raise InvalidInput(texts.no_list(here), "text")


def _checked(name: str, values: Sequence[object]) -> Iterator[WildcardValue]:
    if len(values) > MAX_WILDCARD_VALUES:
        raise InvalidInput(texts.too_many_values(name, MAX_WILDCARD_VALUES), "text")
    for value in values:
        if value in (None, ""):
            continue
        text, weight = _weighted(name, value)
        try:
            yield WildcardValue(text=text, weight=weight)
        except ValidationError as error:
            raise InvalidInput(texts.bad_value(name, MAX_WILDCARD_VALUE), "text") from error


def _weighted(name: str, value: object) -> tuple[str, object]:
    """A value's text and weight: `2::text`, or a mapping with `text` and `weight`."""
    if isinstance(value, Mapping):
        text = value.get("text") or value.get("content")
        return str(text or ""), value.get("weight", 1)
    if isinstance(value, list):
        raise InvalidInput(texts.no_list(name), "text")
    found = _WEIGHT.fullmatch(str(value))
    return (found[2], found[1]) if found else (str(value), 1)
