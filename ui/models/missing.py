"""Which models of an infotext the library lacks, by their hashes or their names."""

from pathlib import PurePath
from typing import Final

import streamlit as st

from core.errors import InvalidInput
from core.models.metadata.missing_models import Answer, Standing, missing_models
from ui.state import studio, user
from ui.texts.formatting import escape
from ui.texts.models import missing as texts

_MAX_CHARACTERS: Final = 20_000


def missing_models_form() -> None:
    """A box for the text, and an answer for each model that it names."""
    with st.expander(texts.TITLE, icon=":material/search_insights:", key="models-missing"):
        text = st.text_area(
            texts.INFOTEXT,
            key="library.infotext",
            height=110,
            max_chars=_MAX_CHARACTERS,
            placeholder=texts.PLACEHOLDER,
            help=texts.INFOTEXT_HELP,
        )
        if not text:
            return
        try:
            answers = missing_models(text, studio().models.list(user()))
        except InvalidInput as error:
            st.error(escape(str(error)))
            return
        if not answers:
            st.info(texts.NOTHING)
        for number, answer in enumerate(answers):
            _answer(number, answer)


def _answer(number: int, answer: Answer) -> None:
    files = ", ".join(escape(PurePath(key).name) for key in answer.keys)
    kind = answer.model.kind.label if answer.model.kind else ""
    name = escape(answer.model.name or next(iter(answer.model.hashes), ""))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(texts.answer(name, kind, answer.standing, files), width="stretch")
        if answer.standing in (Standing.MISSING, Standing.OTHER_HASH):
            st.link_button(
                texts.FIND,
                answer.address,
                icon=":material/open_in_new:",
                key=f"library.find.{number}",
            )
