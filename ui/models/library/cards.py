"""The library as cards: one component for all of a page, which costs one message."""

from collections.abc import Collection, Sequence
from typing import Any, Final, TypedDict

import streamlit as st

from core.models.files import ModelFile
from formats.models.kinds import Family
from formats.models.prediction import PredictionType
from ui.components import mount
from ui.form.models.titles import title_of
from ui.models.detail.thumbnail import thumbnail_url
from ui.models.favourites import toggle_favourite
from ui.models.library.view import open_model
from ui.texts.formatting import Tone, file_size
from ui.texts.models import detail
from ui.texts.models import library as texts

PER_PAGE: Final = 24


class Badge(TypedDict):
    """A word on a card, and its colour."""

    text: str
    tone: Tone


def model_cards(files: Sequence[ModelFile], starred: Collection[str]) -> None:
    """A page of cards; a click opens the details, the star makes one a favourite."""
    clicked = mount(
        "models/cards",
        "library.cards",
        {"cards": [_card(file, starred) for file in files], "texts": texts.CARD_TEXTS},
        on_open_change=lambda: None,
        on_star_change=lambda: None,
    )
    if clicked.star:
        toggle_favourite(clicked.star)
        st.rerun()
    if clicked.open:
        open_model(clicked.open)


def _card(file: ModelFile, starred: Collection[str]) -> dict[str, Any]:
    return {
        "key": file.key,
        "kind": file.kind.value,
        "file": file.name,
        "title": title_of(file),
        "meta": meta_of(file),
        "size": file_size(file.size),
        "badges": badges_of(file),
        "thumb": thumbnail_url(file),
        "favourite": file.key in starred,
    }


def meta_of(file: ModelFile) -> str:
    """Its kind, and its family where that is known."""
    known = () if file.family is Family.UNKNOWN else (file.family.value,)
    return " · ".join((file.kind.label, *known))


def badges_of(file: ModelFile) -> list[Badge]:
    """What tells it from others at a look."""
    badges: list[Badge] = []
    if file.problem:
        badges.append({"text": texts.PROBLEM, "tone": "red"})
    if file.prediction.type is PredictionType.V_PREDICTION:
        badges.append({"text": detail.V_PREDICTION, "tone": "blue"})
    if file.few_step:
        badges.append({"text": file.few_step.kind.value, "tone": "green"})
    return badges
