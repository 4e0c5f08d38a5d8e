"""What a site's list says of a model's files, before any of them is looked at."""

import re
from pathlib import PurePosixPath
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from core.errors import RemoteError
from core.models.metadata.fields import ModelFields
from core.models.remote.http.client import WebClient
from core.models.remote.http.refusals import TokenHint, check_status
from core.models.remote.http.urls import HttpsUrl
from core.models.remote.sites.site import Site
from core.texts import remote as texts
from formats.frozen import Frozen
from formats.models.kinds import ModelKind

_MOST_BYTES: Final = 8 * 2**20
"""Of an API's answer; a model of Civitai with hundreds of versions has 3 MB."""

ARCHIVES: Final = (".zip", ".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst")
PICKLES: Final = (".ckpt", ".pt", ".pth", ".bin", ".pkl", ".pickle")
OTHER_WEIGHTS: Final = (".gguf", ".onnx", ".msgpack", ".h5", ".npz", ".safetensor", ".sft")
_WEIGHTS_ONLY: Final = {
    ".pt": (ModelKind.EMBEDDING,),
    ".pth": (ModelKind.UPSCALER, ModelKind.ANNOTATOR),
}
"""Kinds whose pickles are taken where they hold tensors alone, which is checked as they come."""
_SHARD: Final = re.compile(r".*-\d{5}-of-\d{5}\.safetensors", re.IGNORECASE)

Json = TypeVar("Json", bound=BaseModel)


class ListedFile(Frozen):
    """A file of a list."""

    url: HttpsUrl
    page: str = ""
    name: str
    is_renamed: bool = False
    """Whether the name was made here, as the site's own says nothing."""
    size: int | None = None
    sha256: str | None = None
    kind: ModelKind | None = None
    problem: str = ""
    is_main: bool = False


class Listing(Frozen):
    """The files at an address, the main one first, and what the site says about them."""

    files: tuple[ListedFile, ...]
    fields: ModelFields = ModelFields()
    preview_image: str = ""


def refusal_by_name(name: str, kind: ModelKind | None) -> str:
    """Why a file is not fetched, by its extension; empty where it is. An unknown kind may fit."""
    extension = PurePosixPath(name).suffix.lower()
    if extension == ".safetensors":
        return texts.IS_SHARD if _SHARD.fullmatch(name) else ""
    if extension in ARCHIVES:
        return texts.IS_ARCHIVE
    if extension in _WEIGHTS_ONLY and kind in (None, *_WEIGHTS_ONLY[extension]):
        return ""
    return texts.IS_PICKLE if extension in PICKLES else texts.IS_OTHER_TYPE


def is_weights(name: str) -> bool:
    """Whether a file of a repository is worth a line, be it one that is refused."""
    extension = PurePosixPath(name).suffix.lower()
    return extension in (".safetensors", *ARCHIVES, *PICKLES, *OTHER_WEIGHTS)


def read_api(client: WebClient, site: Site, path: str, model: type[Json], hint: TokenHint) -> Json:
    """What a site's API answers. Raises RemoteError where it refuses or answers in other words."""
    with client.get(site.query(site.address(path))) as answer:
        check_status(answer, hint)
        body = answer.read(_MOST_BYTES)
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise RemoteError(texts.unreadable_list(site.name)) from error
