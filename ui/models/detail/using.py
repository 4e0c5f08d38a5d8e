"""What a model brings to Generate: its trained words, its tag, the settings that suit it."""

import streamlit as st

from core.models.files import ModelFile
from core.models.metadata.recommended import recommended_settings
from core.team.permissions import Action
from formats.generation.parameters import parameter_fields
from formats.models.kinds import ModelKind
from ui.form.models.prompt_words import insert, lora_tag
from ui.form.models.settings import as_parameters, shown_value, use_settings
from ui.form.state import Form
from ui.state import may, request_page
from ui.texts.formatting import escape
from ui.texts.models import detail as texts

_DONE = "library.done"
"""What was put into Generate's form last: the model's key, and the sentence about it."""
_CHECKED = 4
"""With more words, as a rule each is another character or outfit: only the first is checked."""
_PROMPTED = (ModelKind.LORA, ModelKind.EMBEDDING)
"""The kinds that a prompt names."""


def trained_words(file: ModelFile) -> None:
    """The words with a box each, and a button that puts those that are checked into the prompt."""
    words = file.known.fields.trained_words or ()
    if not (words or file.kind in _PROMPTED) or not may(Action.USE, file.item):
        return
    st.markdown(f"##### {texts.WORDS if words else texts.IN_PROMPT}", anchors=False)
    chosen = [word for index, word in enumerate(words) if _is_checked(file, index, word)]
    st.button(
        texts.insert(escape(lora_tag(file))),
        icon=":material/add_notes:",
        key="library.insert",
        disabled=not (chosen or file.kind in _PROMPTED),
        on_click=_insert,
        args=(file, chosen),
    )
    _tell_done(file, "words")


def _is_checked(file: ModelFile, index: int, word: str) -> bool:
    count = len(file.known.fields.trained_words or ())
    return st.checkbox(
        escape(word),
        value=count <= _CHECKED or index == 0,
        key=f"library.word.{file.key}.{index}",
    )


def _insert(file: ModelFile, words: list[str]) -> None:
    added = insert(Form("generate"), file, words)
    st.session_state[_DONE] = (file.key, "words", texts.inserted(map(escape, added)))


def recommended(file: ModelFile) -> None:
    """The settings in one line, and a button that fills Generate's form with them."""
    if not may(Action.USE, file.item):
        return
    settings = recommended_settings(file)
    if settings and (values := as_parameters(settings)):
        st.markdown(f"##### {texts.SETTINGS}", anchors=False)
        fields = parameter_fields()
        told = [(fields[name].parameter.label, shown_value(v)) for name, v in values.items()]
        st.markdown(escape(texts.settings_line(told)))
    with st.container(horizontal=True, gap="small"):
        if settings:
            st.button(
                texts.USE_SETTINGS,
                icon=":material/tune:",
                key="library.settings",
                on_click=_use_settings,
                args=(file,),
            )
        if file.kind is ModelKind.CHECKPOINT:
            st.button(
                texts.USE_CHECKPOINT,
                icon=":material/brush:",
                key="library.checkpoint",
                on_click=_use_checkpoint,
                args=(file,),
            )
    _tell_done(file, "settings")


def _use_settings(file: ModelFile) -> None:
    if settings := recommended_settings(file):
        told = texts.settings_used(use_settings(Form("generate"), settings))
        st.session_state[_DONE] = (file.key, "settings", escape(told))


def _use_checkpoint(file: ModelFile) -> None:
    Form("generate").put(checkpoints=[file.name])
    request_page("generate")


def _tell_done(file: ModelFile, what: str) -> None:
    key, part, told = st.session_state.get(_DONE, ("", "", ""))
    if (key, part) == (file.key, what):
        st.success(told, icon=":material/check:")
        st.page_link("../pages/generate.py", label=texts.OPEN_GENERATE, icon=":material/brush:")
