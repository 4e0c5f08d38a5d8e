"""The fields of a form that a preset has, what they would change, and which models they name."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from core.prompts.service import FormPreset
from formats.generation.parameters import RANDOM_SEED, parameter_fields, value_text
from formats.generation.upscaling import LatentUpscaler, PixelUpscaler
from formats.models.kinds import ModelKind
from ui.form.filling.stored_values import read_form_fields
from ui.form.state import Form
from ui.form.values import PARTS, FormValues, UnitValues, value_at
from ui.texts.form import presets as texts

_LEFT_OUT: Final = frozenset({"mask_source", "pose", "saved", "grid", "sheet"})
"""Images, poses, and what was asked for last."""

_WITH: Final[Mapping[str, tuple[str, ...]]] = {
    "loras": ("lora_weights",),
    "with_hires": ("hires",),
    "inpaint": ("brush",),
}
"""Fields that go with another one, and have no tick of their own."""

_OFF: Final = frozenset(
    {"prompt", "negative_prompt", "styles", "seed", "variation_seed", "dynamic"}
)
"""What each picture has another of: part of a preset only where it is ticked."""

_UNIT_LEFT_OUT: Final = frozenset({"pose", "saved"})


class Change(NamedTuple):
    """One field that a preset would change; `fields` is what `Form.put` takes."""

    label: str
    old: str
    new: str
    fields: Mapping[str, Any]
    is_missing: bool
    """Whether it names a model that the library has not."""


def choosable_fields() -> dict[str, str]:
    """Labels of the fields that may be part of a preset, in the form's order."""
    followers = {name for names in _WITH.values() for name in names}
    names = [n for n in FormValues.model_fields if n not in _LEFT_OUT | followers]
    return {name: label_of(name) for name in names}


def default_fields() -> list[str]:
    """Those that are part of a new preset where nobody says otherwise."""
    return [name for name in choosable_fields() if name not in _OFF]


def label_of(name: str) -> str:
    """What a field is called on the page."""
    if name in parameter_fields():
        return parameter_fields()[name].parameter.label
    return texts.PARTS.get(name, texts.unnamed(name))


def values_of(values: FormValues, fields: Iterable[str]) -> dict[str, Any]:
    """A form's values of these fields, as JSON has them."""
    names = {name for field in fields for name in (field, *_WITH.get(field, ()))}
    kept = values.model_dump(mode="json", include=names)
    for unit in kept.get("units", ()):
        for name in _UNIT_LEFT_OUT:
            unit.pop(name, None)
    return kept


def fields_of(preset: FormPreset) -> list[str]:
    """Those that a preset has, by the names of their ticks."""
    _, names = read_form_fields(preset.values)
    return [name for name in choosable_fields() if name in names]


def changes_of(form: Form, preset: FormPreset, is_known: "IsKnown") -> list[Change]:
    """What a preset would change in the form as it is, in the form's order."""
    new, names = read_form_fields(preset.values)
    old = form.values()
    found = []
    for name in FormValues.model_fields:
        if name in names and name not in _LEFT_OUT:
            found += [one for one in _changes(name, old, new, is_known) if one.old != one.new]
    return found


def _changes(name: str, old: FormValues, new: FormValues, is_known: "IsKnown") -> Iterator[Change]:
    if name in PARTS:
        for inner in type(getattr(new, name)).model_fields:
            field = f"{name}.{inner}"
            label = texts.in_group(label_of(name), inner)
            yield _change(field, label, old, new, is_known)
    elif name == "units":
        yield _units(old, new, is_known)
    else:
        yield _change(name, label_of(name), old, new, is_known)


class IsKnown:
    """Whether the library has a model file."""

    def __init__(self, names: Mapping[ModelKind, frozenset[str]]) -> None:
        self._names = names

    def __call__(self, kind: ModelKind, name: str | None) -> bool:
        """Yes for no file at all."""
        return not name or name in self._names[kind]

    def field(self, field: str, value: Any) -> bool:
        """Whether all files are there that a field names."""
        kind = _MODELS.get(field)
        if kind is None or isinstance(value, LatentUpscaler | PixelUpscaler):
            return True
        return all(self(kind, name) for name in (value if isinstance(value, list) else [value]))


_MODELS: Final = {
    "checkpoints": ModelKind.CHECKPOINT,
    "vae": ModelKind.VAE,
    "loras": ModelKind.LORA,
    "hires.upscaler": ModelKind.UPSCALER,
    "upscale.upscaler": ModelKind.UPSCALER,
}


def _change(field: str, label: str, old: FormValues, new: FormValues, is_known: IsKnown) -> Change:
    value = value_at(new, field)
    return Change(
        label,
        _text(value_at(old, field)),
        _text(value),
        {field: value},
        not is_known.field(field, value),
    )


def _units(old: FormValues, new: FormValues, is_known: IsKnown) -> Change:
    """Each unit keeps the pose of the one in its place."""
    kept = [unit.model_dump(include=set(_UNIT_LEFT_OUT)) for unit in old.units]
    kept += [{}] * len(new.units)
    units = [
        UnitValues.model_validate({**unit.model_dump(exclude=set(_UNIT_LEFT_OUT)), **pose})
        for unit, pose in zip(new.units, kept, strict=False)
    ]
    is_missing = not all(is_known(ModelKind.CONTROLNET, unit.model) for unit in units)
    told = [texts.units([unit.model or "" for unit in one]) for one in (old.units, units)]
    if units != list(old.units) and told[0] == told[1]:
        told[1] = texts.other_settings(told[1])
    return Change(label_of("units"), told[0], told[1], {"units": units}, is_missing)


def _text(value: Any) -> str:
    if value in (None, RANDOM_SEED) or isinstance(value, bool):
        return {None: "", True: texts.ON, False: texts.OFF}.get(value, value_text(value))
    if isinstance(value, dict):
        return ", ".join(f"{name} {value_text(weight)}" for name, weight in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(value_text, value))
    return value_text(value)
