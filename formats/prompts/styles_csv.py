"""Styles: A1111's `styles.csv`, how a style changes a prompt, and how one is found in a prompt.

The rules are those of A1111's modules/styles.py, read in its forks.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Final, NamedTuple

from pydantic import Field, ValidationError

from formats import texts
from formats.frozen import Frozen
from formats.limits import MAX_STYLE_NAME, MAX_STYLES, MAX_STYLES_BYTES, PROMPT_BYTES

PLACEHOLDER: Final = "{prompt}"
_COLUMNS: Final = ("name", "prompt", "negative_prompt")
_PROMPTS: Final = ("prompt", "positive_prompt", "text")
"""Names of its column: A1111's, InvokeAI's, and that from before there was a negative prompt."""
_SPACES: Final = re.compile("  +")


class Style(Frozen):
    """Words that are put around a prompt, or behind it."""

    name: Annotated[str, Field(min_length=1, max_length=MAX_STYLE_NAME)]
    prompt: Annotated[str, Field(max_length=PROMPT_BYTES)] = ""
    negative_prompt: Annotated[str, Field(max_length=PROMPT_BYTES)] = ""


class Prompts(NamedTuple):
    """A prompt and its negative prompt."""

    prompt: str
    negative: str


class Extracted(NamedTuple):
    """The styles that a text was made with, and what is left without them."""

    names: tuple[str, ...]
    prompts: Prompts


def read_styles(data: bytes) -> tuple[Style, ...]:
    """The styles of a file, in its order; of two with one name the later one.

    Rows whose name begins with `#` are comments. Raises ValueError in words for what is no such
    file, and for one that is too large.
    """
    if len(data) > MAX_STYLES_BYTES:
        raise ValueError(texts.styles_too_large(MAX_STYLES_BYTES))
    try:
        rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig")), skipinitialspace=True)
        names = rows.fieldnames or ()
        if "name" not in names or not set(_PROMPTS) & set(names):
            raise ValueError(texts.NO_STYLES_HEADER)
        found = {style.name: style for row in rows if (style := _style(row, rows.line_num))}
    except UnicodeDecodeError as error:
        raise ValueError(texts.STYLES_NOT_UTF8) from error
    except csv.Error as error:
        raise ValueError(texts.styles_unreadable(str(error))) from error
    if len(found) > MAX_STYLES:
        raise ValueError(texts.too_many_styles(len(found), MAX_STYLES))
    return tuple(found.values())


def _style(row: dict[str, str | None], line: int) -> Style | None:
    name = (row.get("name") or "").strip()
    if not name or name.startswith("#"):
        return None
    prompt = next((row[column] for column in _PROMPTS if column in row), "")
    try:
        return Style(
            name=name, prompt=prompt or "", negative_prompt=row.get("negative_prompt") or ""
        )
    except ValidationError as error:
        raise ValueError(texts.bad_style(line)) from error


def write_styles(styles: Iterable[Style]) -> bytes:
    """A file that A1111 and its forks read: UTF-8 with a BOM, as A1111 writes it."""
    text = io.StringIO(newline="")
    rows = csv.DictWriter(text, _COLUMNS)
    rows.writeheader()
    rows.writerows(style.model_dump() for style in styles)
    return text.getvalue().encode("utf-8-sig")


def apply_styles(prompts: Prompts, styles: Sequence[Style]) -> Prompts:
    """The prompts with each style in turn put around or behind them."""
    for style in styles:
        prompts = Prompts(
            _apply(style.prompt, prompts.prompt), _apply(style.negative_prompt, prompts.negative)
        )
    return prompts


def _apply(style: str, prompt: str) -> str:
    if PLACEHOLDER in style:
        return style.replace(PLACEHOLDER, prompt)
    return ", ".join(part for part in (prompt.strip(), style.strip()) if part)


def extract_styles(prompts: Prompts, styles: Iterable[Style]) -> Extracted:
    """Take out the styles that fit both prompt and negative prompt, the last applied first."""
    left, names = list(styles), list[str]()
    while True:
        fitting = ((style, found) for style in left if (found := _without(style, prompts)))
        style, found = next(fitting, (None, prompts))
        if style is None:
            return Extracted(tuple(reversed(names)), prompts)
        left.remove(style)
        names.append(style.name)
        prompts = found


def _without(style: Style, prompts: Prompts) -> Prompts | None:
    """The prompts without a style, or None where it is not in both of them."""
    if not (style.prompt or style.negative_prompt):
        return None
    prompt = _take_out(style.prompt, prompts.prompt)
    negative = _take_out(style.negative_prompt, prompts.negative)
    return None if prompt is None or negative is None else Prompts(prompt, negative)


def _take_out(style: str, prompt: str) -> str | None:
    style, text = (_SPACES.sub(" ", each.strip()) for each in (style, prompt))
    before, placeholder, after = style.partition(PLACEHOLDER)
    if placeholder:
        fits = len(text) >= len(before) + len(after)
        fits = fits and text.startswith(before) and text.endswith(after)
        return text[len(before) : len(text) - len(after)] if fits else None
    if not style:
        return prompt
    return text.removesuffix(style).removesuffix(", ") if text.endswith(style) else None
