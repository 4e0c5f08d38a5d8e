"""The library as cards: one component for all of a page, which costs one message."""

from collections.abc import Sequence
from typing import Any, Final

from core.models.service import ModelFile
from formats.models.kinds import Family
from ui.components import mount
from ui.models.library.view import open_model
from ui.texts.formatting import file_size
from ui.texts.models import library as texts

PER_PAGE: Final = 24


def model_cards(files: Sequence[ModelFile]) -> None:
    """A page of cards; a click opens the details."""
    clicked = mount(
        "models/cards",
        "library.cards",
        {"cards": [_card(file) for file in files], "texts": texts.CARD_TEXTS},
        on_open_change=lambda: None,
        on_star_change=lambda: None,
    )
    if clicked.open:
        open_model(clicked.open)


def _card(file: ModelFile) -> dict[str, Any]:
    return {
        "key": file.key,
        "kind": file.kind.value,
        "file": file.name,
        "title": title_of(file),
        "meta": meta_of(file),
        "size": file_size(file.size),
        "badges": _badges(file),
    }


def title_of(file: ModelFile) -> str:
    """What people call it; without a title the file's name."""
    return file.name.removesuffix(".safetensors")


def meta_of(file: ModelFile) -> str:
    """Its kind, and its family where that is known."""
    known = () if file.family is Family.UNKNOWN else (file.family.value,)
    return " · ".join((file.kind.label, *known))


def _badges(file: ModelFile) -> list[dict[str, str]]:
    return [{"text": texts.PROBLEM, "tone": "red"}] if file.problem else []
