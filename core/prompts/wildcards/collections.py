"""The wildcards that somebody may use: what prompts name is read, and stays in memory."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock
from typing import Final

from core.errors import NotFound
from core.prompts.wildcards.reading import Lists, read_lists
from core.prompts.wildcards.records import WildcardFile
from formats.prompts.dynamic.collection import WildcardCollection, WildcardValue

ReadText = Callable[[WildcardFile], str]
"""Raises NotFound for a text that is gone, AwsError."""

_TEXT_BYTES: Final = 16 * 2**20
"""Of the files whose values stay in memory, which take about five times as much."""

_COLLECTIONS: Final = 4
"""People who see different files have different collections."""


class VisibleWildcards:
    """Collections by the files that are in them."""

    def __init__(self, read: ReadText) -> None:
        self._read = read
        self._lock = Lock()
        self._lists: OrderedDict[str, tuple[int, Lists]] = OrderedDict()
        self._collections: OrderedDict[tuple[str, ...], WildcardCollection] = OrderedDict()

    def collection(self, files: Sequence[WildcardFile]) -> WildcardCollection:
        """The wildcards of these files; the same one for the same files."""
        key = tuple(each.text_id for each in files)
        with self._lock:
            found = self._collections.get(key) or WildcardCollection(_LazyLists(files, self.lists))
            self._collections[key] = found
            self._collections.move_to_end(key)
            while len(self._collections) > _COLLECTIONS:
                self._collections.popitem(last=False)
        return found

    def lists(self, file: WildcardFile) -> Lists:
        """The wildcards of a file; none of one whose text is gone. Raises AwsError."""
        with self._lock:
            if file.text_id in self._lists:
                self._lists.move_to_end(file.text_id)
                return self._lists[file.text_id][1]
        try:
            lists = read_lists(file.name, self._read(file), file.written)
        except NotFound:
            return {}
        with self._lock:
            self._lists[file.text_id] = (file.size, lists)
            while sum(size for size, _ in self._lists.values()) > _TEXT_BYTES:
                self._lists.popitem(last=False)
        return lists


class _LazyLists(Mapping[str, Sequence[WildcardValue]]):
    """The values of each name, of all files that have it."""

    def __init__(
        self, files: Sequence[WildcardFile], lists: Callable[[WildcardFile], Lists]
    ) -> None:
        self._lists = lists
        self._files: dict[str, list[WildcardFile]] = {}
        for file in files:
            for name in file.names:
                self._files.setdefault(name, []).append(file)

    def __getitem__(self, name: str) -> Sequence[WildcardValue]:
        return [value for file in self._files[name] for value in self._lists(file).get(name, ())]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)
