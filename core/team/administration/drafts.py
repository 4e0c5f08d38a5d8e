"""What somebody typed in the forms: a folder for each person, and its copies on AWS."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import Final

from core.errors import Conflict
from core.records.form_copies import FormCopies
from core.texts import team as texts
from formats.models.kinds import ModelKind

DRAFTS: Final = "drafts"
"""The folder of all of them, in the data folder."""


def person_folder(drafts: Path, name: str) -> Path:
    """One person's, named by a hash: a name may be an e-mail address."""
    return drafts / hashlib.sha256(name.encode()).hexdigest()[:32]


_Place = tuple[str, str]
"""A person's folder, and a form's file in it."""

_FORM_FILES: Final = ".json"
"""A form's values; what lies beside them are images and other files of its."""

_IN_PROMPTS: Final[Mapping[ModelKind, str]] = {
    ModelKind.LORA: r"<lora:{}[:>]",
    ModelKind.EMBEDDING: r"(?<!\w){}(?!\w)",
}
"""How a prompt names a file by its name without ending."""


class Drafts:
    """Those of everybody, below one folder of this dashboard."""

    def __init__(self, folder: Path, copies: FormCopies | None) -> None:
        self._folder = folder
        self._copies = copies

    def count(self, name: str) -> int:
        """How many files and copies somebody has, those of one draft counted once."""
        folder = person_folder(self._folder, name)
        files = {path.name for path in folder.iterdir()} if folder.is_dir() else set()
        return len(files | (self._copies.names(name) if self._copies else set()))

    def naming(self, kind: ModelKind, name: str) -> int:
        """How many forms, as people typed them last, name a model file. Raises AwsError."""
        forms = (*self._own_forms(), *self._copied_forms())
        return len({place for place, text in forms if names_file(text, kind, name)})

    def named(self, files: Iterable[tuple[ModelKind, str]]) -> frozenset[tuple[ModelKind, str]]:
        """Those of the files that any form names. Raises AwsError."""
        texts_of = [text for _, text in (*self._own_forms(), *self._copied_forms())]
        return frozenset(f for f in files if any(names_file(text, *f) for text in texts_of))

    def _own_forms(self) -> Iterator[tuple[_Place, str]]:
        for path in self._folder.glob(f"*/*{_FORM_FILES}"):
            yield (path.parent.name, path.name), _text_of(path)

    def _copied_forms(self) -> Iterator[tuple[_Place, str]]:
        for owner, form, text in self._copies.texts() if self._copies else ():
            if form.endswith(_FORM_FILES):
                yield (person_folder(self._folder, owner).name, form), text

    def remove_all(self, name: str) -> None:
        """Delete somebody's folder here and the copies. Raises AwsError, and Conflict where the
        disk does not let it."""
        if self._copies:
            self._copies.forget(name)
        try:
            shutil.rmtree(person_folder(self._folder, name))
        except FileNotFoundError:
            return
        except OSError as error:
            raise Conflict(texts.drafts_stay(error.strerror or "")) from error


def names_file(text: str, kind: ModelKind, name: str) -> bool:
    """Whether a form's JSON names a model file: in a field, by a LoRA's tag or as an embedding."""
    stem = PurePath(name).stem
    if stem.lower() not in text.lower():  # as good as always, and a hundred times as fast
        return False
    if json.dumps(name, ensure_ascii=False) in text:
        return True
    pattern = _IN_PROMPTS.get(kind)
    return bool(pattern and re.search(pattern.format(re.escape(stem)), text, re.IGNORECASE))


def _text_of(path: Path) -> str:
    """Empty for one that is gone, or can't be read."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
