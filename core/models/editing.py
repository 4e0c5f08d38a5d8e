"""Changes what people say about a model file, which no file or site overwrites."""

from collections.abc import Collection
from typing import Final

from pydantic import ValidationError

from core.errors import InvalidInput
from core.models.metadata.fields import FieldSource, Layers, ModelFields
from core.models.metadata.records import ModelRecord
from core.texts.models import library as texts
from formats.frozen import Frozen

NAMES: Final = frozenset(ModelFields.model_fields)


class Edit(Frozen):
    """What a person changes of one file or of many."""

    changes: ModelFields = ModelFields()
    """What they typed; None leaves a field as it is."""
    clear: frozenset[str] = frozenset()
    """Names of fields of which their own words are taken back; then others' count."""
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()


def edited(record: ModelRecord, known_tags: Collection[str], edit: Edit) -> ModelRecord:
    """The record with an edit in its layer PERSON.

    `known_tags` are those that counted before, whoever said so. Raises InvalidInput for a field
    that there is not, and for too many tags.
    """
    if unknown := edit.clear - NAMES:
        raise InvalidInput(texts.no_such_field(min(unknown)), "clear")
    before = record.layers.get(FieldSource.PERSON, ModelFields())
    typed = {name: value for name, value in edit.changes if value is not None}
    values = {**{name: value for name, value in before if name not in edit.clear}, **typed}
    if edit.add_tags or edit.remove_tags:
        tags = values["tags"] if values.get("tags") is not None else known_tags
        values["tags"] = _tags(tags, edit)
    return _with_layers(record, {FieldSource.PERSON: _checked(values)})


def with_layers(record: ModelRecord, layers: Layers) -> ModelRecord:
    """The record with what files and sites say; what a person typed stays as it is."""
    own = {FieldSource.PERSON: record.layers.get(FieldSource.PERSON, ModelFields())}
    return _with_layers(record, {**layers, **own})


def _with_layers(record: ModelRecord, layers: Layers) -> ModelRecord:
    every = {**record.layers, **layers}
    said = {source: fields for source, fields in every.items() if fields != ModelFields()}
    return record.model_copy(update={"layers": said})


def _tags(tags: Collection[str], edit: Edit) -> tuple[str, ...]:
    """Each once in any case, as it was written first."""
    left_out = {tag.strip().casefold() for tag in edit.remove_tags}
    each = (tag.strip() for tag in (*tags, *edit.add_tags))
    kept = {tag.casefold(): tag for tag in reversed([tag for tag in each if tag])}
    found = {key: tag for key, tag in kept.items() if key not in left_out}
    return tuple(reversed(found.values()))


def _checked(values: dict[str, object]) -> ModelFields:
    try:
        return ModelFields.model_validate(values)
    except ValidationError as error:
        field = str(error.errors(include_url=False)[0]["loc"][0])
        raise InvalidInput(texts.field_too_long(field), field) from error
