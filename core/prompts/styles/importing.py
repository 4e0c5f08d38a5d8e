"""Brings files of styles into the library; what they would do is told before."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from core.errors import InvalidInput
from core.prompts.items import clean_name
from core.prompts.styles.library import StyleLibrary
from core.prompts.styles.records import TeamStyle, check_texts
from core.team.permissions import Visibility
from core.team.users import User
from core.texts.jobs import styles as texts
from formats.frozen import Frozen
from formats.limits import MAX_STYLE_NAME, MAX_STYLES
from formats.prompts.style_files import read_style_file
from formats.prompts.styles_csv import Style

MAX_FILES: Final = 20
"""Of one import."""


class ImportState(StrEnum):
    """What the library has of a style in a file; the value is the word a user reads."""

    NEW = "new"
    SAME = "same"
    CHANGED = "changed"


class OnChanged(StrEnum):
    """What becomes of a style that the library has with other words."""

    LEAVE = "Leave the library's"
    REPLACE = "Replace the library's"
    """What it was is kept as a version."""
    KEEP_BOTH = "Keep both"


class StyleFile(NamedTuple):
    """A file that somebody gives."""

    name: str
    data: bytes


class ImportEntry(Frozen):
    """One style of the files, and the library's of its name."""

    style: Style
    state: ImportState
    known: TeamStyle | None = None
    can_replace: bool = False
    """Whether who imports may change the library's."""


class ImportPlan(Frozen):
    """All styles of the files, of two with one name the later one, and what can't be read."""

    entries: tuple[ImportEntry, ...]
    problems: tuple[str, ...] = ()

    def of(self, state: ImportState) -> tuple[ImportEntry, ...]:
        """Those of one state."""
        return tuple(each for each in self.entries if each.state is state)


class ImportResult(Frozen):
    """How many styles were added, replaced and left as they are."""

    added: int
    replaced: int
    left: int


class StyleImport:
    """Brings files of styles into the library, and says before what they would do."""

    def __init__(self, library: StyleLibrary) -> None:
        self._library = library

    def plan(self, user: User, files: Sequence[StyleFile]) -> ImportPlan:
        """What these files would do. Raises InvalidInput for too many files or styles, AwsError."""
        if len(files) > MAX_FILES:
            raise InvalidInput(texts.too_many_files(MAX_FILES), "files")
        found, problems = _read(files)
        if len(found) > MAX_STYLES:
            raise InvalidInput(texts.too_many("style", MAX_STYLES), "files")
        known = self._library.by_name(user)
        entries = (self._entry(user, style, known.get(style.name)) for style in found.values())
        return ImportPlan(entries=tuple(entries), problems=tuple(problems))

    def run(
        self,
        user: User,
        files: Sequence[StyleFile],
        on_changed: OnChanged,
        visibility: Visibility = Visibility.TEAM,
    ) -> ImportResult:
        """Add the styles that are new; `on_changed` says what becomes of those with other words.

        Raises NotAllowed, and InvalidInput for too many, before anything is kept; AwsError.
        """
        plan = self.plan(user, files)
        changed = plan.of(ImportState.CHANGED)
        new = [each.style for each in plan.of(ImportState.NEW)]
        if on_changed is OnChanged.KEEP_BOTH:
            new += self._renamed(user, new, [each.style for each in changed])
        self._library.add_many(user, new, visibility)
        replaced = 0
        if on_changed is OnChanged.REPLACE:
            replaced = sum(self._replace(user, each) for each in changed)
        left = len(plan.entries) - len(new) - replaced
        return ImportResult(added=len(new), replaced=replaced, left=left)

    def _entry(self, user: User, style: Style, known: TeamStyle | None) -> ImportEntry:
        if known is None:
            return ImportEntry(style=style, state=ImportState.NEW)
        state = ImportState.SAME if known.style == style else ImportState.CHANGED
        can_replace = self._library.may_change(user, known)
        return ImportEntry(style=style, state=state, known=known, can_replace=can_replace)

    def _renamed(self, user: User, new: Sequence[Style], both: Iterable[Style]) -> Iterator[Style]:
        taken = {*self._library.by_name(user), *(style.name for style in new)}
        for style in both:
            name = _free_name(style.name, taken)
            taken.add(name)
            yield style.model_copy(update={"name": name})

    def _replace(self, user: User, entry: ImportEntry) -> bool:
        known, style = entry.known, entry.style
        if known is None or not entry.can_replace:
            return False
        self._library.update(
            user,
            known,
            name=style.name,
            prompt=style.prompt,
            negative_prompt=style.negative_prompt,
            note=known.note,
        )
        return True


def _read(files: Iterable[StyleFile]) -> tuple[dict[str, Style], list[str]]:
    found: dict[str, Style] = {}
    problems: list[str] = []
    for file in files:
        try:
            styles = read_style_file(file.data)
        except ValueError as error:
            problems.append(texts.in_file(file.name, str(error)))
            continue
        for style in styles:
            try:
                kept = Style(
                    name=clean_name(style.name), **check_texts(style.prompt, style.negative_prompt)
                )
            except InvalidInput as error:
                problems.append(texts.in_file(f"{file.name}, {style.name[:40]}", str(error)))
            else:
                found[kept.name] = kept
    return found, problems


def _free_name(name: str, taken: Collection[str]) -> str:
    """The name with the first number behind it that no other style has."""
    number = 2
    while (numbered := _numbered(name, number)) in taken:
        number += 1
    return numbered


def _numbered(name: str, number: int) -> str:
    end = f" ({number})"
    return name[: MAX_STYLE_NAME - len(end)] + end
