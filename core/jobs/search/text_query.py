"""The language of the search: words, `"whole phrases"`, and `-` before what must not be there.

A word finds what begins with it. Neither case nor accents count; `model:`, `tag:`, `negative:` and
`prompt:` before a term look there alone, else it is looked for in all but the negative prompt.
"""

import re
from enum import StrEnum
from typing import Final, NamedTuple


class TextField(StrEnum):
    """A column of the full text; the value is what is typed before the colon."""

    PROMPT = "prompt"
    NEGATIVE = "negative"
    MODEL = "model"
    TAG = "tag"


class TextMatch(NamedTuple):
    """Two expressions of SQLite's FTS5; an empty one lets everything through."""

    wanted: str
    unwanted: str


_TERM: Final = re.compile(
    r'(?P<no>-?)(?:(?P<field>\w+):(?=\S))?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))'
)
_EVERYWHERE: Final = (TextField.PROMPT, TextField.MODEL, TextField.TAG)
_FIELDS: Final = {field.value: field for field in TextField}


def parse(text: str) -> TextMatch:
    """What a search asks the full text for; there is no wrong one, as it is read while it is
    typed. A word before a colon that is no field is a part of the word."""
    terms = [(bool(term["no"]), _expression(term)) for term in _TERM.finditer(text)]
    return TextMatch(
        " AND ".join(asked for is_left_out, asked in terms if asked and not is_left_out),
        " OR ".join(asked for is_left_out, asked in terms if asked and is_left_out),
    )


def _expression(term: re.Match[str]) -> str:
    """Of FTS5: a quoted string is a phrase of the words in it, whatever signs are between them."""
    field = _FIELDS.get((term["field"] or "").lower())
    is_phrase = term["phrase"] is not None
    words = term["phrase"] if is_phrase else term["word"]
    if term["field"] and field is None:
        words = f"{term['field']}:{words}"
    if not any(letter.isalnum() for letter in words):
        return ""
    columns = " ".join([field] if field else _EVERYWHERE)
    quoted = words.replace('"', '""')
    return f'{{{columns}}}: "{quoted}"{"" if is_phrase else " *"}'
