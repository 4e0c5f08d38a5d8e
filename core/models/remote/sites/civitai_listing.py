"""Lists the files of a model's version on Civitai, and what the site says about them.

https://developer.civitai.com/docs/api/public-rest
"""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any, Final

from pydantic import ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from core.errors import RemoteError
from core.models.metadata.fields import ModelFields
from core.models.remote.http.client import WebClient
from core.models.remote.http.file_names import safe_name
from core.models.remote.http.urls import HttpsUrl
from core.models.remote.sites.civitai_addresses import (
    CivitaiAddress,
    CivitaiDownload,
    CivitaiHash,
    CivitaiModel,
)
from core.models.remote.sites.listing import ListedFile, Listing, read_api, refusal_by_name
from core.models.remote.sites.site import Site
from core.texts import remote as texts
from formats.frozen import Tolerant
from formats.keys import SHA256_PATTERN
from formats.limits import MAX_MODEL_DESCRIPTION, MAX_MODEL_TAGS, MAX_TRAINED_WORDS, MAX_URL
from formats.models.kinds import ModelKind

_KINDS: Final = {
    "checkpoint": ModelKind.CHECKPOINT,
    "lora": ModelKind.LORA,
    "locon": ModelKind.LORA,
    "dora": ModelKind.LORA,
    "textualinversion": ModelKind.EMBEDDING,
    "controlnet": ModelKind.CONTROLNET,
    "vae": ModelKind.VAE,
    "upscaler": ModelKind.UPSCALER,
}
_FILE_KINDS: Final = {"VAE": ModelKind.VAE, "Negative": ModelKind.EMBEDDING}
"""Files of a version that are of another kind than the model."""
_FILE_PROBLEMS: Final = {
    "Training Data": texts.IS_TRAINING_DATA,
    "Archive": texts.IS_ARCHIVE,
    "Config": texts.IS_OTHER_TYPE,
    "Text Encoder": texts.other_kind_of_network("Text Encoder"),
}
_SHA256: Final = re.compile(SHA256_PATTERN)
_MOST_HTML: Final = 64 * 1024
"""Characters of a description that are looked at."""
_TAG: Final = re.compile(r"<[^>]{0,500}>")
_BREAK: Final = re.compile(r"<(?:br\s*/?|/p|/li|/h\d)>", re.IGNORECASE)
_UNPUBLISHED: Final = ("Draft", "Unpublished", "Scheduled", "Deleted")


class _ApiObject(Tolerant):
    """Of the API, which writes names in camel case, and null for what it has not."""

    model_config = ConfigDict(alias_generator=to_camel)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, data: Any) -> Any:
        is_object = isinstance(data, dict)
        return {k: v for k, v in data.items() if v is not None} if is_object else data


class _FileMetadata(_ApiObject):
    format: str | None = None
    size: str | None = None
    fp: str | None = None


class _File(_ApiObject):
    name: str = ""
    size_kb: float | None = Field(None, ge=0, le=1e12, alias="sizeKB")
    type: str = "Model"
    primary: bool = False
    metadata: _FileMetadata = _FileMetadata()
    hashes: Mapping[str, str | None] = {}
    pickle_scan_result: str | None = None
    virus_scan_result: str | None = None


class _Image(_ApiObject):
    url: str = ""
    type: str = "image"


class _Version(_ApiObject):
    id: int
    name: str = ""
    model_id: int | None = None
    base_model: str | None = None
    description: str | None = None
    trained_words: tuple[str, ...] | None = None
    status: str = "Published"
    files: tuple[_File, ...] = ()
    images: tuple[_Image, ...] = ()


class _Creator(_ApiObject):
    username: str | None = None


class _Model(_ApiObject):
    id: int = 0
    name: str = ""
    type: str = ""
    description: str | None = None
    creator: _Creator | None = None
    tags: tuple[str, ...] = ()
    allow_no_credit: bool | None = None
    allow_commercial_use: str | tuple[str, ...] | None = None
    allow_derivatives: bool | None = None
    model_versions: tuple[_Version, ...] = ()


def list_version(client: WebClient, site: Site, address: CivitaiAddress) -> Listing:
    """The files of the version that the address means; of a model, of its newest one."""
    model, version = _found(client, site, address)
    files = [_listed(site, model, version, each) for each in version.files]
    if not files:
        raise RemoteError(texts.no_model_files(site.name))
    choice = address.choice if isinstance(address, CivitaiDownload) else {}
    order = sorted(range(len(files)), key=lambda i: _rank(files[i], version.files[i], choice))
    listed = [files[index] for index in order]
    first = listed[0].model_copy(update={"is_main": not listed[0].problem})
    return Listing(
        files=(first, *listed[1:]),
        fields=_fields(site, model, version),
        preview_image=_preview_image(version),
    )


def _found(client: WebClient, site: Site, address: CivitaiAddress) -> tuple[_Model, _Version]:
    if isinstance(address, CivitaiModel):
        model = _read_model(client, site, address.model)
        return model, _of_model(model, address.version, site)
    by = f"by-hash/{address.hash}" if isinstance(address, CivitaiHash) else str(address.version)
    path = f"/api/v1/model-versions/{by}"
    version = read_api(client, site, path, _Version, site.hint())
    try:
        model = _read_model(client, site, version.model_id or 0) if version.model_id else _Model()
    except RemoteError:
        model = _Model()  # the files are known; what is said of the model is an extra
    return model, version


def _read_model(client: WebClient, site: Site, number: int) -> _Model:
    page = str(site.address(f"/models/{number}"))
    return read_api(client, site, f"/api/v1/models/{number}", _Model, site.hint(page))


def _of_model(model: _Model, version: int | None, site: Site) -> _Version:
    for each in model.model_versions:
        is_meant = each.id == version if version else each.status not in _UNPUBLISHED
        if is_meant:
            return each
    raise RemoteError(texts.no_model_files(site.name))


def _rank(listed: ListedFile, file: _File, choice: Mapping[str, str]) -> tuple[bool, ...]:
    """The file that a download's address names, or the site's first one, if it can be taken."""
    told = {**file.metadata.model_dump(), "type": file.type}
    is_chosen = bool(choice) and all(told.get(name) == value for name, value in choice.items())
    return (bool(listed.problem), not is_chosen, not file.primary)


def _listed(site: Site, model: _Model, version: _Version, file: _File) -> ListedFile:
    kind = _FILE_KINDS.get(file.type, _KINDS.get(model.type.lower()))
    sha256 = (file.hashes.get("SHA256") or "").lower()
    name = safe_name(file.name)
    return ListedFile(
        url=_download(site, version, file),
        page=_page(site, model, version),
        name=name,
        size=None if file.size_kb is None else round(file.size_kb * 1024),
        sha256=sha256 if _SHA256.fullmatch(sha256) else None,
        kind=kind,
        problem=_problem(model, file, name, kind),
    )


def _problem(model: _Model, file: _File, name: str, kind: ModelKind | None) -> str:
    if problem := _FILE_PROBLEMS.get(file.type):
        return problem
    if "Danger" in (file.pickle_scan_result, file.virus_scan_result):
        return texts.IS_DANGEROUS
    if kind is None and model.type:
        return texts.other_kind_of_network(model.type[:40])
    return refusal_by_name(name, kind)


def _download(site: Site, version: _Version, file: _File) -> HttpsUrl:
    """Built from what tells the file apart, so that the API can't lead to anywhere else."""
    told = {"type": file.type, **file.metadata.model_dump()}
    path = f"/api/download/models/{version.id}"
    return site.address(path).with_query({name: text for name, text in told.items() if text})


def _page(site: Site, model: _Model, version: _Version) -> str:
    number = model.id or version.model_id
    return str(site.address(f"/models/{number}?modelVersionId={version.id}")) if number else ""


def _fields(site: Site, model: _Model, version: _Version) -> ModelFields:
    words = tuple(w.strip()[:500] for w in version.trained_words or () if w.strip())
    description = _plain(model.description) or _plain(version.description)
    return ModelFields(
        title=model.name[:128] or None,
        version=version.name[:128] or None,
        author=(model.creator.username or "")[:128] or None if model.creator else None,
        description=description[:MAX_MODEL_DESCRIPTION] or None,
        base_model=(version.base_model or "")[:64] or None,
        trained_words=words[:MAX_TRAINED_WORDS] or None,
        tags=tuple(tag[:500] for tag in model.tags if tag)[:MAX_MODEL_TAGS] or None,
        licence=_licence(model) or None,
        source_url=_page(site, model, version) or None,
    )


def _licence(model: _Model) -> str:
    """What the maker allows, in words; the site has no names of licences."""
    uses = model.allow_commercial_use
    listed = (uses,) if isinstance(uses, str) else uses
    return texts.civitai_licence(
        None if listed is None else tuple(use for use in listed if use != "None"),
        credit=None if model.allow_no_credit is None else not model.allow_no_credit,
        derivatives=model.allow_derivatives,
    )[:500]


def _plain(html: str | None) -> str:
    """The words of a description in HTML."""
    text = unescape(_TAG.sub("", _BREAK.sub("\n", (html or "")[:_MOST_HTML])))
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _preview_image(version: _Version) -> str:
    images = (each.url for each in version.images if each.type == "image")
    return next((url for url in images if url.startswith("https://") and len(url) <= MAX_URL), "")
