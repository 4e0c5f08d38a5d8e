"""The team's library of styles: saved, changed, found by name."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Final

from core.errors import InvalidDraft, Problem
from core.prompts.items import clean_name, clean_note
from core.prompts.styles.previews import StylePreviews
from core.prompts.styles.records import STYLES, TeamStyle, check_texts
from core.prompts.styles.uses import StyleUseRecords, StyleUses
from core.prompts.styles.versions import StyleVersions
from core.prompts.team_items import ItemParts, TeamItems
from core.team.permissions import Action, Visibility
from core.team.users import User
from core.texts.jobs import styles as texts
from formats.frozen import Frozen
from formats.limits import MAX_STYLES
from formats.prompts.styles_csv import Style

_WRITERS: Final = 8
"""Styles of an import that are stored at a time."""


def _nobody(_user: User, _job_ids: Sequence[str]) -> tuple[str, ...]:
    return ()


def _no_image(_user: User, _job_id: str, _index: int) -> bytes:
    return b""


class JobsOfStyles(Frozen):
    """What the library asks of jobs; without them nothing is seen."""

    seen: Callable[[User, Sequence[str]], tuple[str, ...]] = _nobody
    """Of these jobs those that the user may see. Raises AwsError."""
    image: Callable[[User, str, int], bytes] = _no_image
    """An image of a job's result. Raises NotFound, NotAllowed, AwsError."""


class StyleLibrary(TeamItems[TeamStyle]):
    """The styles of the team."""

    def __init__(self, parts: ItemParts) -> None:
        super().__init__(STYLES, parts, MAX_STYLES)
        self._versions = StyleVersions(parts.records)
        self._uses = StyleUseRecords(parts.records, parts.clock)
        self._previews = StylePreviews(parts.records)
        self.others = JobsOfStyles()
        """What the library asks of jobs; the studio gives it."""

    def save(
        self,
        user: User,
        name: str,
        prompt: str,
        negative_prompt: str = "",
        note: str = "",
        visibility: Visibility = Visibility.TEAM,
    ) -> TeamStyle:
        """Keep a new style. Raises NotAllowed, InvalidInput for a bad or taken name, for texts
        that are too long or both empty, and for too many styles; AwsError."""
        with self._creating(user) as style_id:
            checked = Style(name=clean_name(name), **check_texts(prompt, negative_prompt))
            self._check_name(user, checked.name)
            self._check_count(1)
            return self._add(self._new(user, style_id, checked, visibility, clean_note(note)))

    def _new(
        self, user: User, style_id: str, style: Style, visibility: Visibility, note: str = ""
    ) -> TeamStyle:
        now = self._clock()
        return TeamStyle(
            **style.model_dump(),
            id=style_id,
            note=note,
            owner=user.name,
            visibility=visibility,
            created_at=now,
            updated_at=now,
            updated_by=user.name,
        )

    def update(
        self,
        user: User,
        style: TeamStyle,
        *,
        name: str,
        prompt: str,
        negative_prompt: str,
        note: str = "",
    ) -> TeamStyle:
        """Change a style; what it was is kept as a version.

        Raises NotFound, NotAllowed, InvalidInput as `save`; Conflict where somebody saved it since
        `style` was read; AwsError.
        """
        with self._acting(user, style.id, Action.CHANGE) as kept:
            changes = {
                "name": clean_name(name),
                "note": clean_note(note),
                **check_texts(prompt, negative_prompt),
            }
            self._check_name(user, str(changes["name"]), style.id)
            self._versions.keep(kept)
            return self._put_save(user, style, changes)

    def versions(self, user: User, style_id: str) -> tuple[TeamStyle, ...]:
        """What a style was before, the latest first. Raises NotFound, NotAllowed, AwsError."""
        return self._versions.of(self.get(user, style_id).id)

    def restore_version(self, user: User, style_id: str, number: int) -> TeamStyle:
        """Make a style what it was at its save `number`; what it is now is kept as a version.

        Raises as `update`.
        """
        style, former = self.get(user, style_id), self._versions.get(style_id, number)
        return self.update(
            user,
            style,
            name=former.name,
            prompt=former.prompt,
            negative_prompt=former.negative_prompt,
            note=former.note,
        )

    def named(self, user: User, names: Sequence[str]) -> tuple[TeamStyle, ...]:
        """The styles that a form names, in its order: of two with one name the user's own, else
        the older one. Raises InvalidDraft with each name that the user can't use, AwsError."""
        known = self.by_name(user)
        usable = {n: s for n, s in known.items() if self._access.may(user, Action.USE, s.item)}
        gone = dict.fromkeys(name for name in names if name not in usable)
        if gone:
            raise InvalidDraft(tuple(Problem("styles", texts.style_is_gone(n)) for n in gone))
        return tuple(usable[name] for name in names)

    def add_many(self, user: User, styles: Sequence[Style], visibility: Visibility) -> None:
        """Keep many new styles at once, whose names are free. Raises NotAllowed, InvalidInput for
        too many, before any is kept; AwsError."""
        with self._creating(user), ThreadPoolExecutor(_WRITERS) as pool:
            self._check_count(len(styles))
            new = (self._new(user, self._new_id(), each, visibility) for each in styles)
            for _ in pool.map(self._add, new):
                pass

    def may_change(self, user: User, style: TeamStyle) -> bool:
        """Whether the user may change this style."""
        return self._access.may(user, Action.CHANGE, style.item)

    def uses(self, user: User, style_id: str) -> StyleUses:
        """How many jobs used a style, and those of the latest that the user may see. Raises
        NotFound, NotAllowed, AwsError."""
        found = self._uses.of(self.get(user, style_id).id)
        recent = self.others.seen(user, found.recent_jobs) if found.recent_jobs else ()
        return found.model_copy(update={"recent_jobs": recent})

    def count_job(self, owner: str, job_id: str, names: Sequence[str], ended_at: datetime) -> None:
        """Note an ended job with each style that it used; one write for each. Raises AwsError,
        Conflict."""
        if names:
            known = self.by_name(User(name=owner))
            used = (known[name].id for name in names if name in known)
            self._uses.count(used, job_id, ended_at)

    def use_result(self, user: User, style_id: str, job_id: str, index: int) -> TeamStyle:
        """Show image `index` of a job with a style: who may see the style sees it from then on.

        Raises NotFound, NotAllowed for an image that the user may not see, AwsError.
        """
        with self._acting(user, style_id, Action.CHANGE):
            image = self.others.image(user, job_id, index)
            return self._put(style_id, {"preview": self._previews.keep(style_id, image)})

    def preview(self, user: User, style_id: str) -> bytes | None:
        """A style's WebP, or None where it has none. Raises NotFound, NotAllowed, AwsError."""
        style = self.get(user, style_id)
        return self._previews.get(style.id, style.preview) if style.preview else None

    def by_name(self, user: User) -> dict[str, TeamStyle]:
        """What the user sees; of two with one name their own, else the older one."""
        seen = self.list(user)
        known = {each.name: each for each in reversed(seen)}
        return known | {each.name: each for each in seen if each.owner == user.name}

    def _remove(self, item_id: str) -> None:
        self._versions.remove(item_id)
        self._uses.remove(item_id)
        self._previews.remove(item_id)
        super()._remove(item_id)
