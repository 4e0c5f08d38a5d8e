"""The team's library of wildcard files: uploaded, edited, and put together for a prompt."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any, Final, NamedTuple

from core.aws.storage import Storage
from core.errors import AwsError, ContrappostoError, NotFound
from core.prompts.items import clean_note
from core.prompts.team_items import ItemParts, TeamItems
from core.prompts.versions import ItemVersions
from core.prompts.wildcards.collections import VisibleWildcards
from core.prompts.wildcards.reading import (
    WildcardFormat,
    clean_wildcard_name,
    decode,
    format_of,
    read_lists,
)
from core.prompts.wildcards.records import WILDCARD_FILES, WILDCARD_VERSIONS, WildcardFile
from core.team.permissions import Action, Visibility
from core.team.users import User
from core.texts.jobs import wildcards as texts
from formats.keys import wildcard_key, wildcard_prefix
from formats.prompts.dynamic.collection import WildcardCollection

MAX_WILDCARD_FILES: Final = 1000
"""Of a team. Collections that people share have some hundred files."""


class Uploaded(NamedTuple):
    """What became of one of several files: the file, or why it was refused."""

    name: str
    file: WildcardFile | None
    problem: str = ""


class WildcardLibrary(TeamItems[WildcardFile]):
    """The wildcard files of the team."""

    def __init__(self, parts: ItemParts, storage: Storage) -> None:
        super().__init__(WILDCARD_FILES, parts, MAX_WILDCARD_FILES)
        self._storage = storage
        self._versions = ItemVersions(WILDCARD_VERSIONS, parts.records)
        self._visible = VisibleWildcards(self._text)

    def save(
        self,
        user: User,
        name: str,
        text: str,
        written: WildcardFormat = WildcardFormat.TXT,
        note: str = "",
        visibility: Visibility = Visibility.TEAM,
    ) -> WildcardFile:
        """Keep a new file. Raises NotAllowed, InvalidInput for a bad or taken name, for a text that
        can't be read or is too large, and for too many files; AwsError."""
        with self._creating(user) as file_id:
            now = self._clock()
            name = clean_wildcard_name(name)
            self._check_name(user, name)
            with self._stored(file_id, name, text, written) as fields:
                return self._add(
                    WildcardFile(
                        id=file_id,
                        note=clean_note(note),
                        owner=user.name,
                        visibility=visibility,
                        created_at=now,
                        updated_at=now,
                        updated_by=user.name,
                        **fields,
                    )
                )

    def upload(
        self,
        user: User,
        files: Iterable[tuple[str, bytes]],
        folder: str = "",
        visibility: Visibility = Visibility.TEAM,
    ) -> tuple[Uploaded, ...]:
        """Keep many files, each under its own name without the ending, below `folder`; one that is
        there already gets a new version. What is refused says why. Raises NotAllowed, AwsError."""
        return tuple(self._upload(user, each, data, folder, visibility) for each, data in files)

    def _upload(
        self, user: User, file_name: str, data: bytes, folder: str, visibility: Visibility
    ) -> Uploaded:
        try:
            written, text = format_of(file_name), decode(data)
            stem = str(PurePosixPath(file_name.replace("\\", "/")).with_suffix(""))
            name = clean_wildcard_name(f"{folder}/{stem}" if folder.strip() else stem)
            before = next((each for each in self.list(user) if each.name == name), None)
            if before is None:
                kept = self.save(user, name, text, written, visibility=visibility)
            else:
                kept = self.update(user, before, name=name, text=text, written=written)
        except AwsError:
            raise
        except ContrappostoError as error:
            return Uploaded(file_name, None, str(error))
        return Uploaded(file_name, kept)

    def update(
        self,
        user: User,
        file: WildcardFile,
        *,
        name: str,
        text: str,
        written: WildcardFormat | None = None,
        note: str | None = None,
    ) -> WildcardFile:
        """Change a file; what it was is kept as a version.

        Raises NotFound, NotAllowed, InvalidInput as `save`; Conflict where somebody saved it since
        `file` was read; AwsError.
        """
        with self._acting(user, file.id, Action.CHANGE) as kept:
            name = clean_wildcard_name(name)
            self._check_name(user, name, file.id)
            note = clean_note(kept.note if note is None else note)
            with self._stored(file.id, name, text, written or kept.written) as fields:
                dropped = self._versions.keep(kept)
                changed = self._put_save(user, file, {**fields, "note": note})
            self._storage.delete(tuple(wildcard_key(old.id, old.text_id) for old in dropped))
            return changed

    def text(self, user: User, file_id: str, number: int | None = None) -> str:
        """The text of a file, or of a former version. Raises NotFound, NotAllowed, AwsError."""
        file = self.get(user, file_id)
        if number is not None and number != file.revision:
            file = self._versions.get(file_id, number)
        return self._text(file)

    def versions(self, user: User, file_id: str) -> tuple[WildcardFile, ...]:
        """What a file was before, the latest first. Raises NotFound, NotAllowed, AwsError."""
        return self._versions.of(self.get(user, file_id).id)

    def restore_version(self, user: User, file_id: str, number: int) -> WildcardFile:
        """Make a file what it was at its save `number`; what it is now is kept as a version.

        Raises as `update`.
        """
        file, former = self.get(user, file_id), self._versions.get(file_id, number)
        return self.update(
            user,
            file,
            name=former.name,
            text=self._text(former),
            written=former.written,
            note=former.note,
        )

    def collection(self, user: User) -> WildcardCollection:
        """All wildcards that the user may use, the same one until a file changes; names that
        several files have get the values of all. A file is read once a prompt names what is in it.

        Raises AwsError, as what is then asked of it does.
        """
        usable = [each for each in self.list(user) if self._access.may(user, Action.USE, each.item)]
        return self._visible.collection(sorted(usable, key=lambda each: each.id))

    def _text(self, file: WildcardFile) -> str:
        content = self._storage.find(wildcard_key(file.id, file.text_id))
        if content is None:
            raise NotFound(texts.TEXT_IS_GONE)
        return content.data.decode()

    @contextmanager
    def _stored(
        self, file_id: str, name: str, text: str, written: WildcardFormat
    ) -> Iterator[dict[str, Any]]:
        """Around what keeps a record with these fields of a text; where that fails, the text is
        removed again. Raises InvalidInput for one that can't be read, AwsError."""
        lists = read_lists(name, text, written)
        text_id, data = self._new_id(), text.encode()
        key = wildcard_key(file_id, text_id)
        self._storage.write(key, data, "text/plain; charset=utf-8")
        try:
            yield {
                "name": name,
                "written": written,
                "text_id": text_id,
                "size": len(data),
                "names": tuple(lists),
                "values": sum(map(len, lists.values())),
            }
        except ContrappostoError:
            self._storage.delete((key,))
            raise

    def _remove(self, item_id: str) -> None:
        self._versions.remove(item_id)
        super()._remove(item_id)
        self._storage.delete_prefix(wildcard_prefix(item_id))
