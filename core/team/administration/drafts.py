"""What somebody typed in the forms: a folder for each person, and its copies on AWS."""

import hashlib
import shutil
from pathlib import Path
from typing import Final

from core.errors import Conflict
from core.records.form_copies import FormCopies
from core.texts import team as texts

DRAFTS: Final = "drafts"
"""The folder of all of them, in the data folder."""


def person_folder(drafts: Path, name: str) -> Path:
    """One person's, named by a hash: a name may be an e-mail address."""
    return drafts / hashlib.sha256(name.encode()).hexdigest()[:32]


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
