"""The team's presets: fields of a form under a name, which the form itself reads and writes."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from pydantic_core import to_json

from core.errors import InvalidInput
from core.prompts.items import PromptItem, clean_name, clean_note
from core.prompts.team_items import ItemParts, TeamItems
from core.records.interface import RecordKind
from core.team.permissions import Action, Kind, Visibility
from core.team.users import User
from core.texts.jobs import styles as texts

MAX_PRESETS: Final = 1000
"""Of a team."""

MAX_VALUES: Final = 60_000
"""Bytes of a preset's fields as JSON."""


class FormPreset(PromptItem):
    """Fields of a form by their names, as JSON has them; one of an older version has its names."""

    kind: ClassVar[Kind] = Kind.FORM_PRESET

    values: Mapping[str, Any]


PRESETS: Final = RecordKind("form-preset", FormPreset)
"""All are kept under one owner; whose a preset is, it says itself."""


class PresetLibrary(TeamItems[FormPreset]):
    """The presets of the team."""

    def __init__(self, parts: ItemParts) -> None:
        super().__init__(PRESETS, parts, MAX_PRESETS)

    def save(
        self,
        user: User,
        name: str,
        values: Mapping[str, Any],
        note: str = "",
        visibility: Visibility = Visibility.PRIVATE,
    ) -> FormPreset:
        """Keep a new preset. Raises NotAllowed, InvalidInput for a bad or taken name, for no
        fields or too much in them, and for too many presets; AwsError."""
        with self._creating(user) as preset_id:
            now = self._clock()
            preset = FormPreset(
                id=preset_id,
                name=clean_name(name),
                note=clean_note(note),
                owner=user.name,
                visibility=visibility,
                created_at=now,
                updated_at=now,
                updated_by=user.name,
                values=_checked(values),
            )
            self._check_name(user, preset.name)
            self._check_count(1)
            return self._add(preset)

    def replace(self, user: User, preset: FormPreset, values: Mapping[str, Any]) -> FormPreset:
        """Give a preset other fields. Raises NotFound, NotAllowed, InvalidInput as `save`; Conflict
        where somebody saved it since `preset` was read; AwsError."""
        with self._acting(user, preset.id, Action.CHANGE):
            return self._put_save(user, preset, {"values": _checked(values)})

    def rename(self, user: User, preset: FormPreset, name: str, note: str = "") -> FormPreset:
        """Give a preset another name and note. Raises as `replace`."""
        with self._acting(user, preset.id, Action.CHANGE):
            changes = {"name": clean_name(name), "note": clean_note(note)}
            self._check_name(user, changes["name"], preset.id)
            return self._put_save(user, preset, changes)


def _checked(values: Mapping[str, Any]) -> Mapping[str, Any]:
    if not values:
        raise InvalidInput(texts.NO_FIELDS, "fields")
    if len(to_json(values)) > MAX_VALUES:
        raise InvalidInput(texts.PRESET_TOO_LARGE, "fields")
    return values
