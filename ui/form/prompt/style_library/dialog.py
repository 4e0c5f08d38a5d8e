"""The dialog itself: the list of styles, or one of them."""

import streamlit as st

from core.errors import ContrappostoError
from ui.errors import show_notice
from ui.form.prompt.style_library.files import export_button, import_section
from ui.form.prompt.style_library.opened import close_library, show_style, shown_style
from ui.form.prompt.style_library.style_detail import style_detail
from ui.form.prompt.style_library.style_list import found_styles, style_list
from ui.form.prompt.style_library.trash import trash_section, undo_bar
from ui.form.state import Form
from ui.state import studio, user
from ui.texts.form import style_library as texts
from ui.texts.formatting import escape


def style_library(form: Form) -> None:
    """Over the page, until it is closed."""
    st.dialog(texts.TITLE, width="large", on_dismiss=close_library)(_library)(form)


def _library(form: Form) -> None:
    show_notice()
    if shown := shown_style():
        _one(shown)
        return
    undo_bar()
    found = found_styles()
    style_list(form, found)
    with st.container(horizontal=True):
        export_button(found)
    import_section(is_empty=not studio().prompts.styles.list(user()))
    trash_section()


def _one(style_id: str) -> None:
    st.button(
        texts.BACK,
        icon=":material/arrow_back:",
        type="tertiary",
        key="styles.back",
        on_click=show_style,
        args=("",),
    )
    try:
        style = studio().prompts.styles.get(user(), style_id)
    except ContrappostoError as error:
        st.info(escape(str(error)), icon=":material/search_off:")
        return
    style_detail(style)
