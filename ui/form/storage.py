"""Keeps what a user has typed, per user and form, so that a reload or a restart loses nothing."""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from core.records.form_copies import FormCopies
from core.team.administration.drafts import DRAFTS, person_folder
from core.team.users import User
from ui.form.filling.stored_values import read_form_values
from ui.form.values import FormValues
from ui.state import studio


class FormStorage:
    """Files below one folder: `<user>/<form>.json` and the form's files beside it.

    The user's folder is named by a hash: a name may be an e-mail address. With `copies`, what
    another dashboard saved later counts.
    """

    def __init__(self, folder: Path, copies: FormCopies | None = None) -> None:
        self._folder = folder
        self._copies = copies

    def values(self, user: User, form: str, fresh: FormValues) -> FormValues:
        """What was typed last; `fresh` where nothing was."""
        data = self._read(user, f"{form}.json")
        return read_form_values(data) if data else fresh

    def keep_values(self, user: User, form: str, values: FormValues) -> None:
        """Remember what was typed."""
        self._keep(user, f"{form}.json", values.model_dump_json().encode())

    def file(self, user: User, form: str, name: str) -> bytes | None:
        """A file the form holds, such as an image."""
        return self._read(user, f"{form}.{name}")

    def keep_file(self, user: User, form: str, name: str, data: bytes | None) -> None:
        """Remember a file; None forgets it."""
        self._keep(user, f"{form}.{name}", data)

    def _path(self, user: User, name: str) -> Path:
        return person_folder(self._folder, user.name) / name

    def _read(self, user: User, name: str) -> bytes | None:
        path = self._path(user, name)
        try:
            saved_at, data = path.stat().st_mtime, path.read_bytes()
        except FileNotFoundError:
            saved_at, data = 0.0, None
        copy = self._copies.find(user.name, name) if self._copies else None
        if copy is None or copy.saved_at.timestamp() <= saved_at:
            return data
        if copy.data is None:
            path.unlink(missing_ok=True)
        else:
            self._write(user, name, copy.data, copy.saved_at)
        return copy.data

    def _keep(self, user: User, name: str, data: bytes | None) -> None:
        """Keep it here at once, and where other dashboards find it soon."""
        now = datetime.now(UTC)
        if data is None:
            self._path(user, name).unlink(missing_ok=True)
        else:
            self._write(user, name, data, now)
        if self._copies:
            self._copies.keep(user.name, name, data, now)

    def _write(self, user: User, name: str, data: bytes, saved_at: datetime) -> None:
        """Replace the file in one step: two sessions of a user may write at once.

        Its time is that of the save, by which the copies of other dashboards are compared.
        """
        path = self._path(user, name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.utime(temporary, (saved_at.timestamp(), saved_at.timestamp()))
        Path(temporary).replace(path)


def form_storage() -> FormStorage:
    """What the dashboard keeps, in its data folder; on AWS, other dashboards find it too."""
    opened = studio()
    return FormStorage(opened.settings.data / DRAFTS, opened.form_copies)
