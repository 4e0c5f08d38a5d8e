"""Bounds from where on the dashboard's machine model files may be read."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from core.errors import InvalidInput
from core.texts import models as texts


class UploadRoots:
    """The folders below which a file must lie; None for anywhere."""

    def __init__(self, folders: Sequence[Path] | None) -> None:
        self._folders = None if folders is None else tuple(folders)

    def require(self, path: Path) -> None:
        """Raise InvalidInput outside of the folders, whether there is a file or not.

        What counts is where every link leads to. Raises OSError or RuntimeError for what can't be
        resolved.
        """
        if self._folders is None:
            return
        real = path.resolve()
        if not any(real.is_relative_to(folder.resolve()) for folder in self._folders):
            names = [str(folder) for folder in self._folders]
            raise InvalidInput(texts.outside_of_roots(names) if names else texts.NO_ROOTS)


ANYWHERE: Final = UploadRoots(None)
