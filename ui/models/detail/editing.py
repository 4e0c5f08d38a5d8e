"""The form in which people say what they know of a model; nothing that is read overwrites it."""

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from core.errors import ContrappostoError, InvalidInput
from core.models.files import ModelFile
from core.models.metadata.fields import FieldSource, ModelFields, RecommendedSettings
from formats.generation.samplers import Sampler, Schedule
from formats.limits import MAX_LORA_WEIGHT
from formats.models.kinds import ModelKind
from ui.errors import messages_of
from ui.models.detail.facts import safe_link
from ui.state import studio, user
from ui.texts.formatting import escape
from ui.texts.models import detail as texts

_LINES: Final = ("title", "version", "base_model", "author", "licence", "source_url", "tags")
_AREAS: Final = ("trained_words", "negative_words", "description", "notes")
_WEIGHTS: Final = ("weight", "weight_min", "weight_max")
_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "sampler": tuple(Sampler),
    "scheduler": tuple(Schedule),
}
_FLOATS: Final = ("cfg_scale",)
_PROBLEM: Final = "problem"
_WITH_SETTINGS: Final = (ModelKind.CHECKPOINT, ModelKind.LORA)


def edit_form(file: ModelFile) -> None:
    """All fields that a person may fill, with what is known now."""
    with (
        st.expander(texts.EDIT, icon=":material/edit:", key=f"library.editor.{file.key}"),
        st.form(f"library.edit.{file.key}", border=False),
    ):
        typed = {name: _line(file, name) for name in _LINES}
        typed |= {name: _area(file, name) for name in _AREAS}
        if file.kind is ModelKind.LORA:
            with st.container(horizontal=True):
                typed |= {name: _weight(file, name) for name in _WEIGHTS}
        if file.kind in _WITH_SETTINGS:
            typed["settings"] = _settings(file)
        if st.form_submit_button(texts.SAVE, type="primary", key="library.save"):
            _save(file, typed)
        # Kept, as the next run may come at once.
        if problem := st.session_state.get(_key(file, _PROBLEM)):
            st.error(escape(problem))


def _key(file: ModelFile, name: str) -> str:
    return f"library.edit.{name}.{file.key}"


def _line(file: ModelFile, name: str) -> object:
    value = getattr(file.known.fields, name)
    text = st.text_input(
        texts.FIELDS[name],
        ", ".join(value or ()) if name == "tags" else value or "",
        key=_key(file, name),
        help=texts.EDIT_HELP.get(name),
    )
    return _split(text, ",") if name == "tags" else text.strip()


def _area(file: ModelFile, name: str) -> object:
    value = getattr(file.known.fields, name)
    text = st.text_area(
        texts.FIELDS[name],
        "\n".join(value or ()) if name == "trained_words" else value or "",
        key=_key(file, name),
        height=90,
        help=texts.EDIT_HELP.get(name),
    )
    return _split(text, "\n") if name == "trained_words" else text.strip()


def _split(text: str, separator: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(separator) if part.strip())


def _weight(file: ModelFile, name: str) -> object:
    return st.number_input(
        texts.FIELDS[name],
        -MAX_LORA_WEIGHT,
        MAX_LORA_WEIGHT,
        getattr(file.known.fields, name),
        step=0.05,
        key=_key(file, name),
    )


def _settings(file: ModelFile) -> RecommendedSettings:
    kept = file.known.fields.settings or RecommendedSettings()
    found: dict[str, Any] = {}
    columns = st.columns(2)
    for index, (name, label) in enumerate(texts.SETTINGS_FIELDS.items()):
        value, key = getattr(kept, name), _key(file, name)
        with columns[index % 2]:
            if name in _CHOICES:
                options = list(_CHOICES[name])
                options += [] if value in (None, *options) else [value]
                chosen = options.index(value) if value else None
                found[name] = st.selectbox(label, options, chosen, key=key)
            elif name in _FLOATS:
                found[name] = st.number_input(label, 0.0, None, value, step=0.5, key=key)
            else:
                found[name] = st.number_input(label, 0, None, value, step=1, key=key)
    return RecommendedSettings(**found)


def _save(file: ModelFile, typed: Mapping[str, object]) -> None:
    try:
        changes, clear = changes_of(file, typed)
        studio().models.edit(user(), [file.key], changes, clear)
    except ContrappostoError as error:
        st.session_state[_key(file, _PROBLEM)] = " ".join(messages_of(error).values())
    else:
        st.session_state.pop(_key(file, _PROBLEM), None)
        st.toast(texts.SAVED, icon=":material/check:")
        st.rerun()


def changes_of(file: ModelFile, typed: Mapping[str, object]) -> tuple[ModelFields, list[str]]:
    """What a person changed, and the fields in which they took their own words back.

    A field that they emptied stays empty where another said something there; an emptied weight
    can't be. Raises InvalidInput for a source that is no safe link.
    """
    known, sources = file.known.fields, file.known.sources
    changes: dict[str, Any] = {}
    clear: list[str] = []
    for name, value in typed.items():
        if (value or None) == (_empty_as_none(getattr(known, name))):
            continue
        is_empty = value in ("", (), None, RecommendedSettings())
        if is_empty and sources.get(name) is FieldSource.PERSON:
            clear.append(name)
        elif value is not None:
            changes[name] = value
    if changes.get("source_url") and not safe_link(changes["source_url"]):
        raise InvalidInput(texts.NOT_HTTPS, "source_url")
    # The library checks what it keeps, and says which field is wrong.
    return ModelFields.model_construct(**changes), clear


def _empty_as_none(value: object) -> object:
    return value or None
