"""Says what an address means that a person gives: a file, a list of files, or a link as it is."""

import re
from typing import Final

from core.errors import InvalidInput
from core.models.remote.http.urls import FIELD, SECRET_KEYS, HttpsUrl, https_url
from core.models.remote.sites.civitai_addresses import CivitaiAddress, civitai_address, civitai_air
from core.models.remote.sites.hugging_face_addresses import (
    HuggingFaceFile,
    HuggingFaceRepository,
    hugging_face_address,
    hugging_face_name,
)
from core.models.remote.sites.site import Sites
from core.texts import remote as texts
from formats.frozen import Frozen
from formats.limits import MAX_URL

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_AIR: Final = re.compile(r"(?:urn:)?air:", re.IGNORECASE)


class PlainLink(Frozen):
    """A link to a file on any other site."""

    url: HttpsUrl


Address = HuggingFaceRepository | HuggingFaceFile | CivitaiAddress | PlainLink


def parse_address(text: str, sites: Sites) -> Address:
    """What is meant. Raises InvalidInput, which says what to give instead."""
    text = text.strip().strip("<>\"'").strip()
    if not text:
        raise InvalidInput(texts.NO_ADDRESS, FIELD)
    if len(text) > MAX_URL:
        raise InvalidInput(texts.address_too_long(MAX_URL), FIELD)
    if _AIR.match(text):
        return civitai_air(text)
    if text.isdecimal():
        raise InvalidInput(texts.BARE_NUMBER, FIELD)
    if not _SCHEME.match(text):
        return _without_scheme(text, sites)
    return _of_url(https_url(text), sites)


def _without_scheme(text: str, sites: Sites) -> Address:
    """An address of a known site without its `https://`, or a repository's name."""
    host = text.partition("/")[0].lower()
    if host in sites.hugging_face.hosts | sites.civitai.hosts:
        return _of_url(https_url(f"https://{text}"), sites)
    if found := hugging_face_name(text):
        return found
    scheme, colon, _ = text.partition(":")
    if colon and scheme.isalpha() and scheme.islower():
        raise InvalidInput(texts.unknown_scheme(scheme), FIELD)
    raise InvalidInput(texts.NOT_AN_ADDRESS, FIELD)


def _of_url(url: HttpsUrl, sites: Sites) -> Address:
    if path := sites.hugging_face.path_of(url):
        return hugging_face_address(path)
    if path := sites.civitai.path_of(url):
        return civitai_address(path, url.query)
    if secret := next((name for name in url.query if name.lower() in SECRET_KEYS), ""):
        raise InvalidInput(texts.address_has_secret(secret), FIELD)
    return PlainLink(url=url)
