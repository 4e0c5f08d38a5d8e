"""Files of styles as others write them: CSV of A1111 and SwarmUI, CSV and JSON of InvokeAI."""

from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import from_json

from formats import texts
from formats.limits import MAX_STYLES, MAX_STYLES_BYTES
from formats.prompts.styles_csv import Style, read_styles

_BOM: Final = b"\xef\xbb\xbf"


def read_style_file(data: bytes) -> tuple[Style, ...]:
    """The styles of a file, whichever of the formats it has. Raises ValueError in words."""
    begin = data.removeprefix(_BOM).lstrip()[:1]
    return _read_json(data) if begin == b"[" else read_styles(data)


def _read_json(data: bytes) -> tuple[Style, ...]:
    """A list of objects with `name`, `prompt` or `positive_prompt`, and `negative_prompt`."""
    if len(data) > MAX_STYLES_BYTES:
        raise ValueError(texts.styles_too_large(MAX_STYLES_BYTES))
    try:
        rows = from_json(data.removeprefix(_BOM))
    except ValueError as error:
        raise ValueError(texts.styles_unreadable(str(error)[:80])) from error
    if len(rows) > MAX_STYLES:
        raise ValueError(texts.too_many_styles(len(rows), MAX_STYLES))
    found = (_style(row, number) for number, row in enumerate(rows, start=1))
    return tuple({style.name: style for style in found}.values())


def _style(row: Any, number: int) -> Style:
    try:
        prompt = row.get("prompt", row.get("positive_prompt", ""))
        return Style(
            name=row["name"].strip(),
            prompt=prompt or "",
            negative_prompt=row.get("negative_prompt") or "",
        )
    except (AttributeError, KeyError, ValidationError) as error:
        raise ValueError(texts.bad_style_entry(number)) from error
