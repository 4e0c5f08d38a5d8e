"""A public link as it is kept, as a list shows it, and as its token is written."""

import re
from datetime import datetime
from typing import Final, NamedTuple

from pydantic import SecretStr

from core.records.interface import RecordKind
from formats.frozen import Frozen, Tolerant
from formats.keys import ULID_PATTERN

MAX_LINKS: Final = 10
"""Of one job."""

MAX_DAYS: Final = 30

_TOKEN: Final = re.compile(
    rf"(?P<job>{ULID_PATTERN.strip('^$')})_(?P<link>[0-9a-f]{{12}})_(?P<secret>[A-Za-z0-9_-]{{43}})"
)


class PublicLink(Tolerant):
    """A link: the hash of its secret, never itself. Times are UTC."""

    sha256: str
    """Of the secret part, in hex digits."""
    created_by: str
    created_at: datetime
    expires_at: datetime
    with_parameters: bool = False
    """Whether it shows prompt and parameters too."""


PUBLIC_LINKS: Final = RecordKind("public-link", PublicLink)
"""Kept under the job's id; the id of the link stands in the token."""


class ListedLink(Frozen):
    """A link as its job lists it."""

    id: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    with_parameters: bool


class NewLink(Frozen):
    """A link that was just made, with the one look at its token."""

    token: SecretStr
    listed: ListedLink


class TokenParts(NamedTuple):
    """What a token names, and the secret that proves it."""

    job_id: str
    link_id: str
    secret: str


def write_token(parts: TokenParts) -> str:
    """The token, which needs no quoting in an address."""
    return "_".join(parts)


def read_token(text: str) -> TokenParts | None:
    """The parts of what has the form of a token."""
    found = _TOKEN.fullmatch(text)
    return TokenParts(found["job"], found["link"], found["secret"]) if found else None
