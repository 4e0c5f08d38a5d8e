"""The settings that somebody used last with a checkpoint, offered where the form has others."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

import streamlit as st
from pydantic import ValidationError

from core.jobs.preparing.infotext.reading import Setting
from formats.generation.parameters import parameter_fields
from ui.form.filling.changes import FieldChange, apply_changes, changes_of
from ui.form.filling.tick_list import tick_list, ticked
from ui.form.models.titles import short_name
from ui.form.state import Form
from ui.form.values import FormValues, value_at
from ui.texts.form import infotext as dialog_texts
from ui.texts.form import last_settings as texts
from ui.texts.formatting import escape

_KEPT: Final = "settings"
_MOST: Final = 100
"""Checkpoints that are remembered, those used last."""

_ROWS: Final[Mapping[str, tuple[str, ...]]] = {
    texts.SIZE: ("width", "height"),
    texts.VAE: ("vae",),
    texts.HIRES: ("with_hires",),
    texts.HIRES_SCALE: ("hires.scale",),
    texts.HIRES_UPSCALER: ("hires.upscaler",),
    texts.HIRES_DENOISING: ("hires.denoising_strength",),
}
_PARAMETERS: Final = ("negative_prompt", "sampler", "schedule", "steps", "cfg_scale", "clip_skip")


def remember_settings(form: Form) -> None:
    """From a callback: what was just sent counts as used last with each of its checkpoints."""
    values = form.values()
    used = {field: _plain(values, field) for fields in _rows().values() for field in fields}
    known = _known()
    for name in values.checkpoints:
        known.pop(name, None)
        known[name] = used
    kept = dict(list(known.items())[-_MOST:])
    _store().put_file(_KEPT, json.dumps(kept).encode())


def _plain(values: FormValues, field: str) -> Any:
    value = value_at(values, field)
    return str(value) if isinstance(value, str) else value


def _rows() -> dict[str, tuple[str, ...]]:
    fields = parameter_fields()
    return {**{fields[name].parameter.label: (name,) for name in _PARAMETERS}, **_ROWS}


def _store() -> Form:
    """One for both forms."""
    return Form("last")


def _known() -> dict[str, dict[str, Any]]:
    """The fields by the checkpoint, the one used last at the end."""
    try:
        found = json.loads(_store().file(_KEPT) or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def last_settings(form: Form) -> None:
    """A small button for the first chosen checkpoint; nothing where the form has all of it."""
    chosen = form.get("checkpoints") or []
    used = _known().get(chosen[0]) if chosen else None
    changes = _changes(form, used) if isinstance(used, dict) else ()
    if changes and st.button(
        texts.offer(escape(short_name(chosen[0]))),
        icon=":material/history:",
        key=form.key("last.open"),
        type="tertiary",
    ):
        st.dialog(texts.TITLE, width="large")(_dialog)(form, chosen[0], changes)


def _changes(form: Form, used: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    rows = {label: fields for label, fields in _rows().items() if used.keys() >= {*fields}}
    settings = [
        Setting(label=label, values={field: used[field] for field in fields})
        for label, fields in rows.items()
    ]
    try:
        return changes_of(form, settings)
    except ValidationError:  # kept by another version
        return ()


def _dialog(form: Form, name: str, changes: tuple[FieldChange, ...]) -> None:
    title = escape(short_name(name))
    st.caption(texts.used(title))
    key = form.key(f"last.tick.{name}")
    tick_list(key, changes)
    taken = ticked(key, changes)
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(dialog_texts.CANCEL, key=form.key("last.cancel")):
            st.rerun()
        if st.button(
            dialog_texts.apply(len(taken)),
            type="primary",
            key=form.key("last.apply"),
            disabled=not taken,
            on_click=partial(apply_changes, form, taken, texts.name(title)),
        ):
            st.rerun()
