"""Tells the prompt editor of a form what it knows: names of models, tags, the prompts of before."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any, Final

from core.errors import AwsError
from core.models.files import ModelFile
from formats.models.kinds import ModelKind
from ui.components import mount
from ui.form.models.prompt_words import weight_of
from ui.form.models.titles import title_of
from ui.form.prompt.recent import recent_prompts
from ui.form.state import Form
from ui.routes.prompt_tables import merges_url, tags_url
from ui.state import studio, user
from ui.texts.form.prompt_box import TEXTS

_MOST_WILDCARDS: Final = 5000
"""Names that the browser is told; they come with every run of the page."""


def prompt_editor(form: Form, boxes: Sequence[str]) -> None:
    """Put the editor in the place of these text areas; without a script they stay as they are."""
    key = form.key("prompt_editor")
    mount("form/prompt_editor", key, _data(form, boxes), height=0)


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


def _wildcards() -> list[str] | None:
    """Their names; None where they can't be read now, so that none is called unknown."""
    try:
        return list(studio().prompts.wildcards.collection(user()).names)
    except AwsError:
        return None


def _styles() -> list[dict[str, str]]:
    try:
        found = studio().prompts.styles.list(user())
    except AwsError:
        return []
    return [{"name": style.name, "text": style.prompt} for style in found]


def _lora(file: ModelFile) -> dict[str, str]:
    return {"name": _stem(file), "title": title_of(file), "weight": f"{weight_of(file):g}"}


def _wildcards() -> list[str] | None:
    """Names of those that the user may use; None where they can't be told now."""
    try:
        return list(studio().prompts.wildcards.collection(user()).names[:_MOST_WILDCARDS])
    except AwsError:
        return None


def _stem(file: ModelFile) -> str:
    return PurePath(file.name).stem


def _files(kind: ModelKind) -> list[ModelFile]:
    return list(studio().models.of_kind(user(), kind))
