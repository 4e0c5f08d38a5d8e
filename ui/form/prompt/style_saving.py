"""The dialog that keeps what a form's two prompts hold as a style."""

from typing import Final

import streamlit as st

from core.errors import ContrappostoError
from core.prompts.service import TeamStyle
from core.team.permissions import Action, Visibility
from formats.limits import MAX_STYLE_NAME
from ui.components.sharing_fields import has_others
from ui.errors import messages_of, show_at, show_rest
from ui.form.state import Form
from ui.state import may, session_value, studio, user
from ui.texts.form import styles as texts

_FIELDS: Final = ("name", "prompt", "negative_prompt", "note")
_PROBLEMS: Final = "style.save.problems"


def save_style_button(form: Form) -> None:
    """Opens the dialog with the text as it stands."""
    if st.button(
        texts.SAVE,
        icon=":material/bookmark_add:",
        key=form.key("styles.save"),
        help=texts.SAVE_HELP,
    ):
        typed = {"prompt": form.get("prompt"), "negative_prompt": form.get("negative_prompt")}
        for field in _FIELDS:
            st.session_state[_key(field)] = typed.get(field) or ""
        st.session_state[_PROBLEMS] = {}
        _dialog()


@st.dialog(texts.SAVE_TITLE)
def _dialog() -> None:
    """A style that the user may change is replaced by its name."""
    problems = session_value(_PROBLEMS, dict, {})
    st.text_input(texts.NAME, key=_key("name"), max_chars=MAX_STYLE_NAME)
    show_at(problems, "name")
    st.text_area(texts.PROMPT, key=_key("prompt"), help=texts.TEXT_HELP)
    show_at(problems, "prompt")
    st.text_area(texts.NEGATIVE, key=_key("negative_prompt"))
    show_at(problems, "negative_prompt")
    st.text_input(texts.NOTE, key=_key("note"))
    show_at(problems, "note")
    if has_others():
        st.toggle(texts.VISIBLE_TO_TEAM, value=True, key=_key("shared"))
    show_rest(problems, *_FIELDS)
    former = _former()
    if former:
        st.info(texts.exists(former.name), icon=":material/history:")
    label = texts.REPLACE_IT if former else texts.SAVE_IT
    is_asked = st.button(label, type="primary", key=_key("yes"), on_click=_save)
    if is_asked and not st.session_state[_PROBLEMS]:
        st.toast(texts.saved(st.session_state[_key("name")]), icon=":material/check:")
        st.rerun()


def _key(field: str) -> str:
    return f"style.save.{field}"


def _former() -> TeamStyle | None:
    """The style of the name that was typed, where the user may change it."""
    wanted = " ".join(session_value(_key("name"), str, "").split())
    known = (each for each in studio().prompts.styles.list(user()) if each.name == wanted)
    return next((each for each in known if may(Action.CHANGE, each.item)), None)


def _save() -> None:
    styles = studio().prompts.styles
    written = {field: session_value(_key(field), str, "") for field in _FIELDS}
    is_shared = session_value(_key("shared"), bool, default=True)
    try:
        if former := _former():
            styles.update(user(), former, **written)
        else:
            visibility = Visibility.TEAM if is_shared else Visibility.PRIVATE
            styles.save(user(), **written, visibility=visibility)
    except ContrappostoError as error:
        st.session_state[_PROBLEMS] = messages_of(error)
    else:
        st.session_state[_PROBLEMS] = {}
