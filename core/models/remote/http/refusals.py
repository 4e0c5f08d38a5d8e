"""Says in words why an answer brings no model file, and what can be done about it."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from core.errors import RemoteError
from core.models.remote.http.client import REDIRECTS, Answer
from core.texts import remote as texts

_PAGES: Final = re.compile(r"(?:text/|multipart/|application/(?:[\w.-]+\+)?(?:xml|json)\b)")
"""Media types that no model file has: pages, errors, and parts of several ranges."""

_LONGEST_WAIT: Final = 3600.0
"""Seconds; a site that asks for more is not waited for."""

_OK: Final = frozenset({200, 206})
_TRY_AGAIN: Final = frozenset({408, 425, 429})
_NOT_THERE: Final = frozenset({"RepoNotFound", "EntryNotFound", "RevisionNotFound"})
"""Hugging Face's words; it answers 401 for a repository that somebody may not know of."""


@dataclass(frozen=True)
class TokenHint:
    """What a refusal of a known site can say of the token."""

    site: str
    setting: str
    tokens_page: str
    """Where somebody gets one."""
    is_set: bool
    page: str = ""
    """Where a person reads about the file, and accepts its licence."""


def check_status(answer: Answer, hint: TokenHint | None = None) -> None:
    """Raises RemoteError for every answer without content."""
    if answer.status in _OK:
        return
    wait = _retry_after(answer)
    can_retry = answer.status in _TRY_AGAIN or answer.status >= 500
    message, link = _of_known_site(answer, hint) if hint else ("", "")
    message = message or _of_status(answer, wait)
    raise RemoteError(message, can_retry=can_retry, retry_after=wait, link=link)


def check_is_file(answer: Answer) -> None:
    """Raises RemoteError for a page, an error in JSON, and compressed bytes."""
    host = answer.url.host
    coding = answer.header("content-encoding").lower()
    if coding not in ("", "identity"):
        raise RemoteError(texts.is_compressed(host))
    media_type = answer.header("content-type").partition(";")[0].strip().lower()
    if _PAGES.match(media_type):
        raise RemoteError(texts.is_page(host, media_type[:60]))


def _of_known_site(answer: Answer, hint: TokenHint) -> tuple[str, str]:
    """The refusal, and the page that helps, where it can be more than the status says."""
    code = answer.header("x-error-code")
    if code == "GatedRepo":
        accept = texts.is_gated(hint.site, hint.page)
        lacks = "" if hint.is_set else texts.set_token(*_token(hint))
        return f"{accept} {lacks}".strip(), hint.page
    if code in _NOT_THERE:
        lacks = "" if hint.is_set else texts.may_be_private(*_token(hint))
        return f"{texts.not_there(hint.site)} {lacks}".strip(), hint.page
    if answer.status in REDIRECTS or answer.status in (401, 403):
        refused = texts.token_refused if hint.is_set else texts.needs_token
        return refused(*_token(hint)), hint.page or hint.tokens_page
    return "", ""


def _token(hint: TokenHint) -> tuple[str, str, str]:
    return hint.site, hint.setting, hint.tokens_page


def _of_status(answer: Answer, wait: float | None) -> str:
    host, status = answer.url.host, answer.status
    if status in REDIRECTS or status in (401, 403, 407):
        return texts.needs_login(host)
    if status in (404, 410):
        return texts.not_there(host)
    if status == 416:
        return texts.no_such_range(host)
    if status == 429:
        return texts.asked_too_often(host, wait)
    return texts.site_failed(host, status) if status >= 500 else texts.site_refused(host, status)


def _retry_after(answer: Answer) -> float | None:
    """Seconds that the site asks to wait for, told as such or as a date (RFC 9110, 10.2.3)."""
    text = answer.header("retry-after")
    if text.isascii() and text.isdecimal():
        return min(float(text[:9]), _LONGEST_WAIT)
    until, now = _date(text), _date(answer.header("date"))
    if until is None or now is None:
        return None
    return min(max((until - now).total_seconds(), 0.0), _LONGEST_WAIT)


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
