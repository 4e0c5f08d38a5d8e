"""Lists the model files of a repository on Hugging Face, and what its card says.

https://huggingface.co/docs/hub/api#get-apimodelsrepo_id
"""

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import quote

from pydantic import Field

from core.errors import RemoteError
from core.models.metadata.fields import ModelFields
from core.models.remote.http.client import WebClient
from core.models.remote.http.file_names import safe_name
from core.models.remote.sites.hugging_face_addresses import (
    MAIN,
    HuggingFaceFile,
    HuggingFaceRepository,
)
from core.models.remote.sites.listing import (
    ListedFile,
    Listing,
    is_weights,
    read_api,
    refusal_by_name,
)
from core.models.remote.sites.site import Site
from core.texts import remote as texts
from formats.frozen import Tolerant
from formats.keys import Sha256
from formats.limits import MAX_MODEL_TAGS
from formats.models.kinds import ModelKind

_MOST_FILES: Final = 200
_KINDS: Final = {
    "lora": ModelKind.LORA,
    "controlnet": ModelKind.CONTROLNET,
    "textual_inversion": ModelKind.EMBEDDING,
}
"""By a repository's tags, which are no more than a hint."""
_NO_NAMES: Final = frozenset(
    {
        "adapter_model",
        "diffusion_pytorch_model",
        "learned_embeds",
        "model",
        "pytorch_lora_weights",
        "pytorch_model",
    }
)
"""Stems that files of every other repository have: the repository's name tells more."""


class _Lfs(Tolerant):
    sha256: Sha256 | None = None


class _Sibling(Tolerant):
    rfilename: str
    size: int | None = None
    lfs: _Lfs | None = None


class _Repository(Tolerant):
    author: str | None = None
    tags: tuple[str, ...] = ()
    card: dict[str, Any] | None = Field(None, alias="cardData")
    siblings: tuple[_Sibling, ...] = ()


def list_repository(client: WebClient, site: Site, address: HuggingFaceRepository) -> Listing:
    """The model files below the address, those first that are near its root and large."""
    found = _read(client, site, address.repository, address.revision)
    folder = f"{address.folder}/" if address.folder else ""
    siblings = [
        each
        for each in found.siblings
        if each.rfilename.startswith(folder) and is_weights(each.rfilename)
    ]
    if not siblings:
        raise RemoteError(texts.no_model_files(site.name))
    files = [_listed(site, address, each, _kind(found.tags)) for each in siblings]
    variant = f".{address.variant}."
    order = sorted(
        range(len(files)),
        key=lambda index: (
            bool(files[index].problem),
            bool(address.variant) and variant not in files[index].name,
            siblings[index].rfilename.count("/"),
            -(files[index].size or 0),
        ),
    )[:_MOST_FILES]
    listed = [files[index] for index in order]
    is_taken = not listed[0].problem
    return Listing(
        files=(listed[0].model_copy(update={"is_main": is_taken}), *listed[1:]),
        fields=_fields(site, address.repository, found),
    )


def list_file(client: WebClient, site: Site, address: HuggingFaceFile) -> Listing:
    """One file, and what its repository's card says."""
    try:
        found = _read(client, site, address.repository, address.revision)
    except RemoteError:
        found = _Repository()  # what is wrong the file's own answer says more closely
    siblings = (each for each in found.siblings if each.rfilename == address.path)
    sibling = next(siblings, _Sibling(rfilename=address.path))
    repository = HuggingFaceRepository(repository=address.repository, revision=address.revision)
    listed = _listed(site, repository, sibling, _kind(found.tags))
    return Listing(
        files=(listed.model_copy(update={"is_main": not listed.problem}),),
        fields=_fields(site, address.repository, found),
    )


def _read(client: WebClient, site: Site, repository: str, revision: str) -> _Repository:
    branch = "" if revision == MAIN else f"/revision/{quote(revision, safe='')}"
    page = str(site.address(f"/{repository}"))
    path = f"/api/models/{repository}{branch}?blobs=true"
    return read_api(client, site, path, _Repository, site.hint(page))


def _listed(
    site: Site, address: HuggingFaceRepository, sibling: _Sibling, kind: ModelKind | None
) -> ListedFile:
    file = HuggingFaceFile(
        repository=address.repository, revision=address.revision, path=sibling.rfilename
    )
    name = _name(address.repository, sibling.rfilename)
    return ListedFile(
        url=site.address(file.target),
        page=str(site.address(file.page)),
        name=name,
        is_renamed=name != PurePosixPath(sibling.rfilename).name,
        size=sibling.size,
        sha256=sibling.lfs.sha256 if sibling.lfs else None,
        kind=kind,
        problem=refusal_by_name(name, kind),
    )


def _name(repository: str, path: str) -> str:
    """The file's own name, or its repository's where it has one that others have too."""
    own = PurePosixPath(path)
    stem, dot, variant = own.stem.partition(".")
    if stem not in _NO_NAMES:
        return safe_name(own.name)
    return safe_name(f"{PurePosixPath(repository).name}{dot}{variant}{own.suffix}")


def _kind(tags: Iterable[str]) -> ModelKind | None:
    return next((_KINDS[tag.lower()] for tag in tags if tag.lower() in _KINDS), None)


def _fields(site: Site, repository: str, found: _Repository) -> ModelFields:
    card = found.card or {}
    tags = [tag for tag in found.tags if ":" not in tag and 0 < len(tag) <= 500]
    prompt = _text(card.get("instance_prompt"))[:500]
    return ModelFields(
        title=PurePosixPath(repository).name[:128],
        author=(found.author or repository.rpartition("/")[0])[:128] or None,
        licence=_licence(card)[:500] or None,
        base_model=_text(card.get("base_model"))[:64] or None,
        trained_words=(prompt,) if prompt else None,
        tags=tuple(tags[:MAX_MODEL_TAGS]) or None,
        source_url=str(site.address(f"/{repository}")),
    )


def _licence(card: dict[str, Any]) -> str:
    """`openrail++`, or what a licence of its own is called, and where it stands."""
    parts = (card.get("license_name") or card.get("license"), card.get("license_link"))
    return " ".join(filter(None, map(_text, parts)))


def _text(value: Any) -> str:
    """Of a card's value, which its author may give as one or as a list."""
    values = value if isinstance(value, list) else [value]
    return ", ".join(each.strip() for each in values if isinstance(each, str) and each.strip())
