"""What can be done with the chosen rows of the table together."""

from collections.abc import Sequence
from typing import Any, Final

import streamlit as st

from core.errors import ContrappostoError
from core.models.files import ModelFile
from core.models.metadata.fields import ModelFields
from core.models.metadata.records import TRASH_DAYS
from core.team.permissions import Action
from ui.components.question import answer_buttons
from ui.errors import messages_of
from ui.models.library.view import open_model
from ui.models.trash import move_to_trash, warn_of_uses
from ui.state import may, studio, user
from ui.texts.formatting import escape
from ui.texts.models import detail
from ui.texts.models import library as texts

_SAME: Final = ("base_model", "author", "licence")
"""Fields that many models may share."""
_TAGS: Final = ("add_tags", "remove_tags")


def bulk_actions(chosen: Sequence[ModelFile]) -> None:
    """Open one, change or trash them all; always in place, so that nothing jumps."""
    st.button(
        texts.OPEN,
        icon=":material/open_in_full:",
        key="library.open",
        disabled=len(chosen) != 1,
        on_click=lambda: open_model(chosen[0].key),
    )
    if st.button(
        texts.EDIT,
        icon=":material/edit:",
        key="library.bulk.edit",
        disabled=not _all_may(Action.CHANGE, chosen),
    ):
        _edit(chosen)
    if st.button(
        detail.TRASH,
        icon=":material/delete:",
        key="library.bulk.trash",
        disabled=not _all_may(Action.DELETE, chosen),
    ):
        _trash(chosen)
    st.caption(texts.chosen(len(chosen)))


def _all_may(action: Action, chosen: Sequence[ModelFile]) -> bool:
    return bool(chosen) and all(may(action, file.item) for file in chosen)


@st.dialog(texts.BULK_TITLE)
def _edit(chosen: Sequence[ModelFile]) -> None:
    """An empty box leaves its field as it is."""
    st.caption(texts.bulk_about(len(chosen)))
    with st.form("library.bulk", border=False):
        boxes = {**texts.TAG_BOXES, **{name: detail.FIELDS[name] for name in _SAME}}
        typed = {
            name: st.text_input(label, key=f"library.bulk.{name}") for name, label in boxes.items()
        }
        if not st.form_submit_button(detail.SAVE, type="primary", key="library.bulk.save"):
            return
    try:
        _save(chosen, typed)
    except ContrappostoError as error:
        st.error(escape(" ".join(messages_of(error).values())))
    else:
        st.toast(texts.bulk_saved(len(chosen)), icon=":material/check:")
        st.rerun()


def _save(chosen: Sequence[ModelFile], typed: dict[str, str]) -> None:
    same: dict[str, Any] = {name: typed[name].strip() for name in _SAME if typed[name].strip()}
    tags: dict[str, Any] = {
        name: tuple(filter(None, map(str.strip, typed[name].split(",")))) for name in _TAGS
    }
    # The library checks what it keeps, and says which field is wrong.
    changes = ModelFields.model_construct(**same)
    studio().models.edit(user(), [file.key for file in chosen], changes, **tags)


@st.dialog(texts.BULK_TRASH)
def _trash(chosen: Sequence[ModelFile]) -> None:
    st.write(texts.bulk_trash(len(chosen), TRASH_DAYS))
    warn_of_uses(chosen)
    answer_buttons("library.bulk.trash", detail.TRASH_IT, lambda: move_to_trash(chosen))
