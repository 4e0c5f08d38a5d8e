"""Which models of an infotext the library lacks, by their hashes or their names."""

from pathlib import PurePath
from typing import Final

import streamlit as st

from core.errors import InvalidInput
from core.images.files import read_infotext
from core.models.metadata.missing_models import Answer, Standing, missing_models
from formats.generation.infotext import MAX_INFOTEXT
from ui.state import session_value, studio, user
from ui.texts.formatting import escape
from ui.texts.models import missing as texts

_TEXT: Final = "library.infotext"
_IMAGE: Final = "library.infotext-image"
_PROBLEM: Final = "library.infotext-problem"
_ENDINGS: Final = ("png", "jpg", "jpeg", "webp")
LACKING: Final = (Standing.MISSING, Standing.OTHER_HASH)
"""Of these the library has no such file."""


def missing_models_form() -> None:
    """A box for the text or its image, and an answer for each model that it names."""
    with st.expander(texts.TITLE, icon=":material/search_insights:", key="models-missing"):
        text = st.text_area(
            texts.INFOTEXT,
            key=_TEXT,
            height=110,
            max_chars=MAX_INFOTEXT,
            placeholder=texts.PLACEHOLDER,
            help=texts.INFOTEXT_HELP,
        )
        st.file_uploader(texts.IMAGE, _ENDINGS, key=_IMAGE, on_change=_read_image)
        if problem := session_value(_PROBLEM, str, ""):
            st.error(escape(problem))
        if text:
            _answers(text)


def _read_image() -> None:
    """From a callback: the image's text takes the place of what was typed."""
    image = st.session_state.get(_IMAGE)
    st.session_state[_PROBLEM] = ""
    if image is None:
        return
    try:
        text = read_infotext(image.getvalue(), _IMAGE)
    except InvalidInput as error:
        st.session_state[_PROBLEM] = str(error)
        return
    if text and len(text) <= MAX_INFOTEXT:
        st.session_state[_TEXT] = text
    else:
        st.session_state[_PROBLEM] = texts.TOO_LONG if text else texts.NO_INFOTEXT


def _answers(text: str) -> None:
    try:
        answers = missing_models(text, studio().models.list(user()))
    except InvalidInput as error:
        st.error(escape(str(error)))
        return
    if not answers:
        st.info(texts.NOTHING)
        return
    lacking = sum(answer.standing in LACKING for answer in answers)
    st.caption(texts.lacking(lacking, len(answers)))
    for number, answer in enumerate(answers):
        model_answer(f"library.find.{number}", answer)


def model_answer(key: str, answer: Answer) -> None:
    """A line on one model; where it is lacking, a link by which to get it."""
    files = ", ".join(escape(PurePath(key).name) for key in answer.keys)
    kind = answer.model.kind.label if answer.model.kind else ""
    name = escape(answer.model.name or next(iter(answer.model.hashes), ""))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(texts.answer(name, kind, answer.standing, files), width="stretch")
        if answer.standing in LACKING:
            st.link_button(
                texts.FIND,
                answer.address,
                icon=":material/open_in_new:",
                key=key,
            )
