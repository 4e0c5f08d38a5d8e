"""Turns the HTML in which sites keep descriptions into plain text.

Not with the standard library's `HTMLParser`: of Python 3.11 it takes a minute for 64 KB of `<a `.
Here each character is looked at once. A description is shown as text, never as HTML.
"""

import re
from collections.abc import Iterator
from html import unescape
from typing import Final

_MAX_HTML: Final = 128 * 1024
"""Characters that are read of a description."""
_BLOCKS: Final = "p|div|br|hr|h[1-6]|[uo]l|tr|table|blockquote|pre|section|article"
_INLINE: Final = (
    "a|b|i|u|s|em|strong|span|code|mark|small|su[bp]|img|iframe|font|center|strike|del|ins|td|th|"
    "thead|tbody|figure|figcaption|video|source|html|body|head|meta|link|title"
)
_HIDDEN: Final = ("script", "style")
_NAMES: Final = f"{_BLOCKS}|{_INLINE}|{'|'.join(_HIDDEN)}|li"
_TAG: Final = re.compile(rf"<(/?)({_NAMES})(?:[\s/][^<>]*)?>", re.IGNORECASE)
"""One that is known: what only looks like a tag is text, as `<lora:ink:0.8>`."""
_BLOCK: Final = re.compile(_BLOCKS)
_ENTITY: Final = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]\w{1,31});", re.IGNORECASE)
_COMMENT: Final = "<!--", "-->"
_GAPS: Final = re.compile(r"\n{3,}")


def plain_text(text: str) -> str:
    """The text without its markup, each block on a line; one that has none stays as it is."""
    text = text[:_MAX_HTML]
    if not (_TAG.search(text) or _ENTITY.search(text)):
        return text
    shown = "".join(_parts(_without_comments(text)))
    lines = (" ".join(line.split()) for line in shown.split("\n"))
    return _GAPS.sub("\n\n", "\n".join(lines)).strip()


def _without_comments(text: str) -> str:
    opening, closing = _COMMENT
    first, *others = text.split(opening)
    return first + "".join(other.partition(closing)[2] for other in others)


def _parts(text: str) -> Iterator[str]:
    """What a browser would show, with a line break where it begins a line."""
    end, hidden = 0, False
    for tag in _TAG.finditer(text):
        if not hidden:
            yield _words(text[end : tag.start()])
        end, name = tag.end(), tag[2].lower()
        if name in _HIDDEN:
            hidden = not tag[1]
        elif not hidden:
            yield _break(name, is_end=bool(tag[1]))
    if not hidden:
        yield _words(text[end:])


def _break(name: str, *, is_end: bool) -> str:
    if name == "li":
        return "" if is_end else "\n- "
    return "\n" if _BLOCK.fullmatch(name) else ""


def _words(text: str) -> str:
    """Text between tags, in which line breaks mean nothing."""
    return _ENTITY.sub(lambda entity: unescape(entity[0]), text).replace("\n", " ")
