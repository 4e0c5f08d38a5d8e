"""What the addresses of Civitai mean: models, versions of them, files, and AIR names.

https://developer.civitai.com/docs/api/public-rest and
https://github.com/civitai/civitai/wiki/AIR-%E2%80%90-Uniform-Resource-Names-for-AI
"""

import re
from collections.abc import Mapping
from typing import Final

from core.errors import InvalidInput
from core.models.remote.http.urls import FIELD
from core.texts import remote as texts
from formats.frozen import Frozen

_AIR: Final = re.compile(
    r"(?:urn:)?air:[\w-]+:[\w-]+:civitai:(\d{1,18})(?:@(\d{1,18}))?(?:[:.].*)?", re.IGNORECASE
)
_ID: Final = r"(\d{1,18})"
_MODEL: Final = re.compile(rf"/(?:api/v1/)?models/{_ID}(?:/.*)?")
_VERSION: Final = re.compile(rf"/(?:api/v1/)?model-versions/{_ID}/?")
_HASH: Final = re.compile(r"/api/v1/model-versions/by-hash/([0-9A-Fa-f]{8,64})/?")
_DOWNLOAD: Final = re.compile(rf"/api/download/models/{_ID}/?")
_CHOICES: Final = ("type", "format", "size", "fp")
"""Parameters of a download that tell the version's files apart."""


class CivitaiModel(Frozen):
    """A model; without a version, its newest one is meant."""

    model: int
    version: int | None = None


class CivitaiVersion(Frozen):
    """A version of a model that is not named."""

    version: int


class CivitaiHash(Frozen):
    """The version that has a file of this hash (SHA-256 or the start of it)."""

    hash: str


class CivitaiDownload(Frozen):
    """One file of a version; `choice` has what tells it from the others."""

    version: int
    choice: Mapping[str, str] = {}


CivitaiAddress = CivitaiModel | CivitaiVersion | CivitaiHash | CivitaiDownload


def civitai_air(text: str) -> CivitaiModel:
    """`urn:air:sdxl:lora:civitai:1234@5678`. Raises InvalidInput for that of another site."""
    found = _AIR.fullmatch(text)
    if found is None:
        raise InvalidInput(texts.BAD_AIR, FIELD)
    return CivitaiModel(model=int(found[1]), version=int(found[2]) if found[2] else None)


def civitai_address(path: str, query: Mapping[str, str]) -> CivitaiAddress:
    """What a path of the site means. Raises InvalidInput for one that is no model's."""
    if found := _MODEL.fullmatch(path):
        version = query.get("modelVersionId", "")
        is_id = version.isascii() and version.isdecimal() and len(version) <= 18
        return CivitaiModel(model=int(found[1]), version=int(version) if is_id else None)
    if found := _VERSION.fullmatch(path):
        return CivitaiVersion(version=int(found[1]))
    if found := _HASH.fullmatch(path):
        return CivitaiHash(hash=found[1].lower())
    if found := _DOWNLOAD.fullmatch(path):
        choice = {name: query[name] for name in _CHOICES if query.get(name)}
        return CivitaiDownload(version=int(found[1]), choice=choice)
    raise InvalidInput(texts.NO_MODEL_OF_CIVITAI, FIELD)
