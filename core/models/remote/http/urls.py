"""Takes an https address apart strictly, so that what is checked is what is then asked."""

import re
from collections.abc import Mapping
from ipaddress import AddressValueError, IPv6Address
from typing import Final, Self
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urljoin, urlsplit

from core.errors import InvalidInput
from core.texts import remote as texts
from formats.frozen import Frozen
from formats.limits import MAX_URL

FIELD: Final = "address"
"""The form's field that an error names."""

HTTPS_PORT: Final = 443
MAX_REDIRECT_URL: Final = 16 * 1024
"""Characters; a signed address of storage has up to 3,000."""

_BAD: Final = re.compile(r"[\x00-\x20\x7f\\\ud800-\udfff]|[\u0080-\u00a0\u2028\u2029\ufeff]")
_HOST: Final = re.compile(r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9])?")
_KEPT: Final = "%/:@!$&'()*+,;=~?#[]-._"
"""Characters of a path and a query that stand for themselves (RFC 3986)."""

SECRET_KEYS: Final = frozenset({"token", "access_token", "api_key", "apikey", "auth"})
"""Parameters of a query that give somebody's access away."""


class HttpsUrl(Frozen):
    """An https address without a user, a password and a fragment; all of it is ASCII."""

    host: str
    """In lower case; an IPv6 address without its brackets."""
    port: int = HTTPS_PORT
    target: str
    """Path and query, as they are sent."""

    @property
    def authority(self) -> str:
        """`host`, or `host:port` where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == HTTPS_PORT else f"{host}:{self.port}"

    @property
    def path(self) -> str:
        """Without the query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        """Its parameters, the last of each name."""
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    def with_query(self, query: Mapping[str, str]) -> Self:
        """The same path with other parameters."""
        encoded = f"?{urlencode(query)}" if query else ""
        return self.model_copy(update={"target": self.path + encoded})

    def joined(self, location: str) -> "HttpsUrl":
        """Where a redirect from here leads. Raises InvalidInput."""
        if _BAD.search(location):
            raise InvalidInput(texts.UNREADABLE_ADDRESS, FIELD)
        return https_url(urljoin(str(self), location), MAX_REDIRECT_URL)

    def __str__(self) -> str:
        return f"https://{self.authority}{self.target}"


def https_url(text: str, limit: int = MAX_URL) -> HttpsUrl:
    """The parts of an address. Raises InvalidInput for any that is not plainly one of https."""
    if len(text) > limit:
        raise InvalidInput(texts.address_too_long(limit), FIELD)
    if _BAD.search(text):
        raise InvalidInput(texts.UNREADABLE_ADDRESS, FIELD)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise InvalidInput(texts.UNREADABLE_ADDRESS, FIELD) from error
    _check_scheme(parts)
    if "@" in parts.netloc:
        raise InvalidInput(texts.ADDRESS_HAS_USER, FIELD)
    target = quote(parts.path or "/", safe=_KEPT)
    query = quote(parts.query, safe=_KEPT)
    return HttpsUrl(
        host=_host(parts),
        port=HTTPS_PORT if port is None else port,
        target=f"{target}?{query}" if query else target,
    )


def _check_scheme(parts: SplitResult) -> None:
    if parts.scheme == "http":
        raise InvalidInput(texts.NOT_HTTPS, FIELD)
    if parts.scheme == "s3":
        raise InvalidInput(texts.IS_S3, FIELD)
    if parts.scheme != "https":
        raise InvalidInput(texts.unknown_scheme(parts.scheme), FIELD)


def _host(parts: SplitResult) -> str:
    """In ASCII (RFC 3490), without the dot at its end."""
    host = (parts.hostname or "").removesuffix(".")
    try:
        if "[" in parts.netloc:
            return _ipv6(host)
        encoded = host.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise InvalidInput(texts.UNREADABLE_ADDRESS, FIELD) from error
    if not _HOST.fullmatch(encoded):
        raise InvalidInput(texts.UNREADABLE_ADDRESS, FIELD)
    return encoded


def _ipv6(host: str) -> str:
    try:
        address = IPv6Address(host)
    except AddressValueError as error:
        raise InvalidInput(texts.UNREADABLE_ADDRESS, FIELD) from error
    if address.scope_id is not None:
        raise InvalidInput(texts.UNREADABLE_ADDRESS, FIELD)
    return str(address)
