"""What the addresses of Hugging Face mean: repositories, folders and files of them.

https://huggingface.co/docs/hub/api and huggingface_hub/hf_api.py (`parse_huggingface_url`).
"""

import re
from typing import Final
from urllib.parse import quote, unquote

from core.errors import InvalidInput
from core.models.remote.http.urls import FIELD
from core.texts import remote as texts
from formats.frozen import Frozen

MAIN: Final = "main"
"""The branch that is meant where none is named."""

_PART: Final = r"[A-Za-z0-9_][A-Za-z0-9._-]*"
_NAME: Final = re.compile(rf"({_PART}/{_PART})(?::([\w.-]*)(?::/?([^:]+))?)?")
"""`name/repository[:variant[:folder]]`, as InvokeAI writes it."""
_REPOSITORY: Final = re.compile(rf"{_PART}(?:/{_PART})?")
_FILES: Final = frozenset({"blob", "resolve", "raw", "blame"})
_OF_REPOSITORY: Final = frozenset({*_FILES, "tree", "commits", "commit", "discussions"})
_NO_MODELS: Final = frozenset(
    {"datasets", "spaces", "collections", "docs", "papers", "blog", "models", "organizations"}
)
_REFERENCES: Final = frozenset({"pr", "convert"})
"""Branches below `refs/`, whose slash some write as it is."""


class HuggingFaceRepository(Frozen):
    """All files of a repository, or of a folder of it."""

    repository: str
    """`name/repository`; a few old ones have no name before."""
    revision: str = MAIN
    folder: str = ""
    variant: str = ""
    """Such as `fp16`: of several files, the one with it in its name is meant."""


class HuggingFaceFile(Frozen):
    """One file; its page, its text and its bytes are the same."""

    repository: str
    revision: str = MAIN
    path: str

    @property
    def target(self) -> str:
        """Path of its bytes on the site."""
        revision, path = quote(self.revision, safe=""), quote(self.path)
        return f"/{self.repository}/resolve/{revision}/{path}"

    @property
    def page(self) -> str:
        """Path of its page."""
        revision, path = quote(self.revision, safe=""), quote(self.path)
        return f"/{self.repository}/blob/{revision}/{path}"


def hugging_face_name(text: str) -> HuggingFaceRepository | None:
    """The repository that a name such as `org/repository:fp16:unet` means, if it is one."""
    found = _NAME.fullmatch(text)
    if found is None:
        return None
    repository, variant, folder = found.groups("")
    return HuggingFaceRepository(
        repository=repository, variant=variant, folder=_checked(folder.strip("/"))
    )


def hugging_face_address(path: str) -> HuggingFaceRepository | HuggingFaceFile:
    """What a path of the site means. Raises InvalidInput for one that is no model's."""
    parts = [unquote(part) for part in path.split("/") if part]
    if parts[:2] == ["api", "models"]:
        parts = ["tree" if part == "revision" else part for part in parts[2:]]
    if not parts or parts[0] in _NO_MODELS:
        raise InvalidInput(texts.NO_MODEL_OF_HUGGING_FACE, FIELD)
    size = 1 if len(parts) > 1 and parts[1] in _OF_REPOSITORY else 2
    repository, rest = "/".join(parts[:size]), parts[size:]
    is_named = size == 1 or len(parts) > 1
    if not is_named or not _REPOSITORY.fullmatch(repository):
        raise InvalidInput(texts.NO_MODEL_OF_HUGGING_FACE, FIELD)
    return _within(repository, rest)


def _within(repository: str, rest: list[str]) -> HuggingFaceRepository | HuggingFaceFile:
    if len(rest) < 2 or rest[0] not in {*_FILES, "tree"}:
        return HuggingFaceRepository(repository=repository)
    revision, path = _revision(rest[1:])
    if rest[0] == "tree":
        return HuggingFaceRepository(repository=repository, revision=revision, folder=path)
    if not path:
        return HuggingFaceRepository(repository=repository, revision=revision)
    return HuggingFaceFile(repository=repository, revision=revision, path=path)


def _revision(parts: list[str]) -> tuple[str, str]:
    """The revision and the path behind it."""
    size = 3 if parts[0] == "refs" and len(parts) > 2 and parts[1] in _REFERENCES else 1
    return _checked("/".join(parts[:size])), _checked("/".join(parts[size:]))


def _checked(path: str) -> str:
    """Raises InvalidInput for a path that leads out of its repository."""
    if {".", ".."} & set(path.split("/")) or any(ord(character) < 0x20 for character in path):
        raise InvalidInput(texts.UNREADABLE_ADDRESS, FIELD)
    return path
