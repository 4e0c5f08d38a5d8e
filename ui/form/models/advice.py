"""What is known of the chosen models: their words, the settings that suit them, what doesn't."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from core.models.files import ModelFile
from core.models.metadata.fields import RecommendedSettings
from core.models.metadata.recommended import recommended_settings
from formats.models.few_step_settings import misfit
from ui.form.models.prompt_words import insert
from ui.form.models.prompt_words import missing as missing_words
from ui.form.models.settings import differences, use_settings
from ui.form.models.titles import title_of
from ui.form.state import Form
from ui.texts.form import form as texts
from ui.texts.formatting import escape

_MAX_WORDS: Final = 10
_WORD_LENGTH: Final = 36


def about_models(form: Form, files: Sequence[ModelFile]) -> None:
    """A line for each model that says something of itself, and its words that the prompt lacks."""
    for file in files:
        if about := file.known.fields.description:
            line = " ".join(about.split())
            short = line if len(line) <= 200 else line[:199] + "…"
            st.caption(texts.model_about(escape(title_of(file)), escape(short)))
        words_of(form, file)


def words_of(form: Form, file: ModelFile) -> None:
    """A button for each trained word of a model that the prompt lacks."""
    lacking = missing_words(form, file.known.fields.trained_words or ())[:_MAX_WORDS]
    if not lacking:
        return
    with st.container(horizontal=True, gap="xsmall", key=form.key(f"words-{file.name}")):
        for word in lacking:
            short = word if len(word) <= _WORD_LENGTH else word[: _WORD_LENGTH - 1] + "…"
            st.button(
                texts.add_word(escape(short)),
                key=form.key(f"word.{file.name}.{word}"),
                help=texts.add_word_help(escape(word), escape(title_of(file))),
                on_click=_insert,
                args=(form, file, word),
            )


def _insert(form: Form, file: ModelFile, word: str) -> None:
    insert(form, file, (word,))


def settings_advice(form: Form, files: Sequence[ModelFile]) -> None:
    """The settings of the first model that has some, where the form has others: one click."""
    for file in files:
        settings = recommended_settings(file)
        if settings and (changes := differences(form, settings)):
            _offer(form, file, settings, [(each.label, each.new) for each in changes])
            return


def _offer(
    form: Form, file: ModelFile, settings: RecommendedSettings, told: list[tuple[str, str]]
) -> None:
    steps, cfg_scale = form.get("steps"), form.get("cfg_scale")
    is_asked = file.few_step is not None and steps is not None and cfg_scale is not None
    wrong = misfit(file.few_step, steps, cfg_scale) if file.few_step and is_asked else None
    with st.container(horizontal=True, vertical_alignment="center", key=form.key("advice")):
        if wrong:
            st.warning(escape(wrong), icon=":material/speed:")
        else:
            st.caption(texts.recommended(escape(title_of(file)), told), width="stretch")
        st.button(
            texts.USE_SETTINGS,
            icon=":material/tune:",
            key=form.key("use_settings"),
            on_click=_use,
            args=(form, settings),
        )


def _use(form: Form, settings: RecommendedSettings) -> None:
    st.toast(texts.settings_used(use_settings(form, settings)), icon=":material/tune:")
