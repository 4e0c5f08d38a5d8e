"""Writes and parses XML as S3 does."""

import re
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from local_aws.s3.errors import S3Error

NAMESPACE: Final = "http://s3.amazonaws.com/doc/2006-03-01/"
DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
# XML 1.0 can't carry most of these; S3 writes them as references all the same.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def tag(name: str, *content: str) -> str:
    """An element around content that is XML already."""
    return f"<{name}>{''.join(content)}</{name}>"


def leaf(name: str, value: object) -> str:
    """An element around a text; booleans as S3 spells them."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    escaped = escape(text, {'"': "&quot;"})
    return tag(name, _CONTROL.sub(lambda match: f"&#x{ord(match[0]):x};", escaped))


def leaf_if(name: str, value: object) -> str:
    """`leaf` unless the value is empty."""
    return leaf(name, value) if value else ""


def document(name: str, *content: str) -> bytes:
    """A whole document in S3's namespace."""
    return DECLARATION.encode() + root_element(name, *content)


def root_element(name: str, *content: str) -> bytes:
    """A document in S3's namespace without its declaration."""
    return f'<{name} xmlns="{NAMESPACE}">{"".join(content)}</{name}>'.encode()


def url_encoded(text: str) -> str:
    """A key as a list with encoding-type=url spells it."""
    return quote(text, safe="/-_.~*")


def timestamp(seconds: float) -> str:
    """A time as S3's documents write it, e.g. 2026-11-22T21:05:41.000Z."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class _NoDoctype(ElementTree.TreeBuilder):
    def doctype(self, *_: object) -> None:
        # Entities are the way to make a small document large; no S3 client declares any.
        raise S3Error("MalformedXML")


def parse(body: bytes, root: str) -> ElementTree.Element:
    """Read a document whose root is `root`, namespaces dropped. Raises MalformedXML."""
    # Entities are what makes this parser unsafe; _NoDoctype makes them an error.
    parser = ElementTree.XMLParser(target=_NoDoctype())  # noqa: S314
    try:
        parser.feed(body)
        tree: ElementTree.Element = parser.close()
    except ElementTree.ParseError:
        raise S3Error("MalformedXML") from None
    for element in tree.iter():
        element.tag = element.tag.rpartition("}")[2]
    if tree.tag != root:
        raise S3Error("MalformedXML")
    return tree
