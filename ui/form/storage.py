"""Keeps what a user has typed, per user and form, so that a reload or a restart loses nothing."""

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final

from core.team.users import User
from ui.form.stored_values import read_form_values
from ui.form.values import FormValues
from ui.state import studio

_FOLDER: Final = "drafts"


class FormStorage:
    """Files below one folder: `<user>/<form>.json` and the form's files beside it.

    The user's folder is named by a hash: a name may be an e-mail address.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def values(self, user: User, form: str, fresh: FormValues) -> FormValues:
        """What was typed last; `fresh` where nothing was."""
        data = self._read(user, f"{form}.json")
        return read_form_values(data) if data else fresh

    def keep_values(self, user: User, form: str, values: FormValues) -> None:
        """Remember what was typed."""
        self._write(user, f"{form}.json", values.model_dump_json().encode())

    def file(self, user: User, form: str, name: str) -> bytes | None:
        """A file the form holds, such as an image."""
        return self._read(user, f"{form}.{name}")

    def keep_file(self, user: User, form: str, name: str, data: bytes | None) -> None:
        """Remember a file; None forgets it."""
        if data is None:
            self._path(user, f"{form}.{name}").unlink(missing_ok=True)
        else:
            self._write(user, f"{form}.{name}", data)

    def _path(self, user: User, name: str) -> Path:
        return self._folder / hashlib.sha256(user.name.encode()).hexdigest()[:32] / name

    def _read(self, user: User, name: str) -> bytes | None:
        try:
            return self._path(user, name).read_bytes()
        except FileNotFoundError:
            return None

    def _write(self, user: User, name: str, data: bytes) -> None:
        """Replace the file in one step: two sessions of a user may write at once."""
        path = self._path(user, name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(temporary).replace(path)


def form_storage() -> FormStorage:
    """What the dashboard keeps, in its data folder."""
    return FormStorage(studio().settings.data / _FOLDER)
