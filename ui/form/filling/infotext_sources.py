"""What was dropped, pasted or chosen: a text, or an image with or without an infotext."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Final, NamedTuple, Protocol

from core.errors import InvalidInput
from core.images.files import read_infotext
from formats.generation import infotext
from formats.generation.infotext import MAX_INFOTEXT
from ui.texts.form import infotext as texts

MOST: Final = 12
"""Files that are compared at once."""

_TEXT_ENDING: Final = ".txt"
_MAX_UTF_8: Final = 4
_SHOWN: Final = 80


class InfotextSource(NamedTuple):
    """One of them. Its image is kept only where there is nothing else to take."""

    name: str
    text: str = ""
    image: bytes | None = None
    problem: str = ""


class GivenFile(Protocol):
    """A file that somebody uploaded."""

    name: str

    def getvalue(self) -> bytes:
        """Its bytes."""


def of_text(text: str, name: str = texts.PASTED) -> InfotextSource:
    """The source that a text is."""
    problem = texts.TOO_LONG if len(text) > MAX_INFOTEXT else ""
    return InfotextSource(name, text="" if problem else text.strip(), problem=problem)


def of_files(files: Sequence[GivenFile]) -> tuple[InfotextSource, ...]:
    """A source for each file, `MOST` at most."""
    return tuple(_of_file(file.name, file.getvalue()) for file in files[:MOST])


def _of_file(name: str, data: bytes) -> InfotextSource:
    """A text file as A1111 writes it beside an image, else an image, whose header alone is read."""
    if PurePath(name).suffix.lower() == _TEXT_ENDING:
        return _of_text_file(name, data)
    try:
        text = read_infotext(data, "")
    except InvalidInput as error:
        return InfotextSource(name, problem=str(error))
    return of_text(text, name) if text and text.strip() else InfotextSource(name, image=data)


def _of_text_file(name: str, data: bytes) -> InfotextSource:
    if len(data) > _MAX_UTF_8 * MAX_INFOTEXT:
        return InfotextSource(name, problem=texts.TOO_LONG)
    try:
        return of_text(data.decode("utf-8-sig"), name)
    except UnicodeDecodeError:
        return InfotextSource(name, problem=texts.NO_TEXT_FILE)


def differences(sources: Sequence[InfotextSource]) -> dict[str, list[str]]:
    """The entries that are not the same in all, each with its value in every source."""
    entries = [_entries(source) for source in sources]
    names = dict.fromkeys(name for each in entries for name in each)
    rows = {name: [each.get(name, "") for each in entries] for name in names}
    return {name: values for name, values in rows.items() if len(set(values)) > 1}


def _entries(source: InfotextSource) -> dict[str, str]:
    info = infotext.read(infotext.cut_json(source.text)[0])
    sides = {f"Size-{number}" for number in (1, 2)} & info.parameters.keys()
    size = "x".join(info.parameters[side] for side in sorted(sides))
    rest = {name: value for name, value in info.parameters.items() if name not in sides}
    whole = {
        texts.PROMPT: info.prompt,
        texts.NEGATIVE_PROMPT: info.negative_prompt,
        "Size": size,
        **rest,
    }
    return {name: _short(value) for name, value in whole.items() if value}


def _short(value: str) -> str:
    line = " ".join(value.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
