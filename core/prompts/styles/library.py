"""The team's library of styles: saved, changed, found by name."""

from collections.abc import Sequence

from core.errors import InvalidDraft, Problem
from core.prompts.items import clean_name, clean_note
from core.prompts.styles.records import STYLES, TeamStyle, check_texts
from core.prompts.styles.versions import StyleVersions
from core.prompts.team_items import ItemParts, TeamItems
from core.team.permissions import Action, Visibility
from core.team.users import User
from core.texts.jobs import styles as texts
from formats.limits import MAX_STYLES


class StyleLibrary(TeamItems[TeamStyle]):
    """The styles of the team."""

    def __init__(self, parts: ItemParts) -> None:
        super().__init__(STYLES, parts, MAX_STYLES)
        self._versions = StyleVersions(parts.records)

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
            now = self._clock()
            style = TeamStyle(
                id=style_id,
                name=clean_name(name),
                note=clean_note(note),
                owner=user.name,
                visibility=visibility,
                created_at=now,
                updated_at=now,
                updated_by=user.name,
                **check_texts(prompt, negative_prompt),
            )
            self._check_name(user, style.name)
            return self._add(style)

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
        former = self._versions.get(style_id, number)
        return self.update(
            user,
            self.get(user, style_id),
            name=former.name,
            prompt=former.prompt,
            negative_prompt=former.negative_prompt,
            note=former.note,
        )

    def named(self, user: User, names: Sequence[str]) -> tuple[TeamStyle, ...]:
        """The styles that a form names, in its order: of two with one name the user's own, else
        the older one. Raises InvalidDraft with each name that the user can't use, AwsError."""
        seen = self.list(user)
        known = {each.name: each for each in reversed(seen)}
        known |= {each.name: each for each in seen if each.owner == user.name}
        usable = {n: s for n, s in known.items() if self._access.may(user, Action.USE, s.item)}
        gone = dict.fromkeys(name for name in names if name not in usable)
        if gone:
            raise InvalidDraft(tuple(Problem("styles", texts.style_is_gone(n)) for n in gone))
        return tuple(usable[name] for name in names)

    def _remove(self, item_id: str) -> None:
        self._versions.remove(item_id)
        super()._remove(item_id)
