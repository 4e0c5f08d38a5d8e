"""Tells the prompt editor of a form what it knows: names of models, tags, the prompts of before."""

from collections.abc import Sequence
from functools import partial
from pathlib import PurePath
from typing import Any

import streamlit as st

from core.errors import AwsError
from core.models.files import ModelFile
from formats.limits import MAX_STYLES_OF_JOB
from formats.models.kinds import ModelKind
from ui.components import mount
from ui.components.prompt_tables import merges_url, tags_url
from ui.form.models.prompt_words import weight_of
from ui.form.models.titles import title_of
from ui.form.prompt.recent import recent_prompts
from ui.form.state import Form
from ui.state import studio, user
from ui.texts.form.prompt_box import TEXTS


def prompt_editor(form: Form, boxes: Sequence[str]) -> None:
    """Put the editor in the place of these text areas; without a script they stay as they are."""
    key = form.key("prompt_editor")
    told = partial(_choose_style, form, key)
    mount("form/prompt_editor", key, _data(form, boxes), height=0, on_style_change=told)


def _choose_style(form: Form, key: str) -> None:
    """Take the style that somebody completed the name of."""
    name, chosen = st.session_state[key].style, form.get("styles")
    if name and name not in chosen and len(chosen) < MAX_STYLES_OF_JOB:
        form.put(styles=[*chosen, name])


def _data(form: Form, boxes: Sequence[str]) -> dict[str, Any]:
    loras = [_lora(file) for file in _files(ModelKind.LORA)]
    recent = recent_prompts()
    return {
        "form": form.name,
        "boxes": {form.key(box).replace(".", "-"): recent.of(box) for box in boxes},
        "loras": loras,
        "known": {
            "loras": [lora["name"] for lora in loras],
            "embeddings": [_stem(file) for file in _files(ModelKind.EMBEDDING)],
            "wildcards": _wildcards(),
        },
        "styles": _styles(),
        "steps": form.get("steps") or 1,
        "merges": merges_url(),
        "tags": tags_url(),
        "texts": TEXTS,
    }


def _styles() -> list[str]:
    """Names; none where they can't be read, which the picker says."""
    try:
        return list(dict.fromkeys(style.name for style in studio().prompts.styles.list(user())))
    except AwsError:
        return []


def _wildcards() -> list[str] | None:
    """The names that a prompt may have; None where they can't be read, which the list says."""
    try:
        files = studio().prompts.wildcards.list(user())
    except AwsError:
        return None
    return sorted({name for file in files for name in file.names})


def _lora(file: ModelFile) -> dict[str, str]:
    return {"name": _stem(file), "title": title_of(file), "weight": f"{weight_of(file):g}"}


def _stem(file: ModelFile) -> str:
    return PurePath(file.name).stem


def _files(kind: ModelKind) -> list[ModelFile]:
    return list(studio().models.of_kind(user(), kind))
