"""Prompt and negative prompt: text areas that the prompt editor stands in for in the browser."""

from typing import Final

import streamlit as st

from formats.generation.parameters import parameter_fields
from ui.errors import show_at
from ui.form.prompt.editor import prompt_editor
from ui.form.prompt.expansions import expansions
from ui.form.prompt.styles import style_picker
from ui.form.prompt.trained_words import tagged_words
from ui.form.state import Form
from ui.texts.form import form as texts

BOXES: Final = ("prompt", "negative_prompt")


def prompts(form: Form) -> None:
    """Both boxes with what is wrong, the styles around them, and what they choose from."""
    _prompt(form, "prompt", 110, texts.PROMPT_PLACEHOLDER)
    tagged_words(form)
    _prompt(form, "negative_prompt", 68, texts.NEGATIVE_PROMPT_PLACEHOLDER)
    prompt_editor(form, BOXES)
    style_picker(form)
    expansions(form)


def _prompt(form: Form, name: str, height: int, placeholder: str) -> None:
    label = parameter_fields()[name].parameter.label
    st.text_area(label, key=form.key(name), height=height, placeholder=placeholder)
    show_at(form.problems, name)
