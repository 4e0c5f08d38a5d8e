"""The list of styles: searched, page by page."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Final

import streamlit as st

from core.errors import ContrappostoError
from core.prompts.service import TeamStyle
from formats.limits import MAX_STYLES_OF_JOB
from ui.components.sharing_fields import has_others, title_of
from ui.form.prompt.style_library.opened import show_style
from ui.form.state import Form
from ui.state import session_value, studio, user
from ui.texts.form import style_library as texts

_SEARCH: Final = "styles.search"
_PAGE: Final = "styles.page"
_AT_ONCE: Final = 8
_EXCERPT: Final = 110
"""Characters of a style's words in the list."""


def found_styles() -> tuple[TeamStyle, ...]:
    """Those of the library whose name, words or note have every word of the search."""
    words = session_value(_SEARCH, str, "").casefold().split()
    return tuple(
        style
        for style in studio().prompts.styles.list(user())
        if all(word in _text(style) for word in words)
    )


def _text(style: TeamStyle) -> str:
    return " ".join((style.name, style.prompt, style.negative_prompt, style.note)).casefold()


def style_list(form: Form, found: Sequence[TeamStyle]) -> None:
    """One page of them, each with what can be done with it."""
    is_empty = not found and not session_value(_SEARCH, str, "")
    if is_empty:
        st.info(texts.EMPTY, icon=":material/style:")
        return
    st.text_input(
        texts.SEARCH,
        key=_SEARCH,
        placeholder=texts.SEARCH_PLACEHOLDER,
        on_change=lambda: st.session_state.pop(_PAGE, None),
    )
    if not found:
        st.info(texts.NOTHING_FOUND, icon=":material/search_off:")
        return
    last = (len(found) - 1) // _AT_ONCE
    page = min(session_value(_PAGE, int, 0), last)
    shown = found[page * _AT_ONCE : (page + 1) * _AT_ONCE]
    st.caption(texts.count(len(shown), len(found)))
    for style in shown:
        _entry(form, style)
    if last:
        _turns(page, last)


def _entry(form: Form, style: TeamStyle) -> None:
    owner = title_of(style.owner) if has_others() else ""
    words = style.prompt or style.negative_prompt
    excerpt = words if len(words) <= _EXCERPT else f"{words[:_EXCERPT]}…"
    with st.container(horizontal=True, vertical_alignment="center", key=f"style-row-{style.id}"):
        preview(style, 64)
        st.markdown(texts.entry(style.name, excerpt, owner), width="stretch")
        chosen = form.get("styles")
        is_used = st.button(
            texts.USE,
            icon=":material/add:",
            key=f"styles.use.{style.id}",
            help=texts.USE_HELP,
            disabled=style.name in chosen or len(chosen) >= MAX_STYLES_OF_JOB,
            on_click=_use,
            args=(form, style.name),
        )
        st.button(
            texts.OPEN,
            key=f"styles.open.{style.id}",
            on_click=show_style,
            args=(style.id,),
        )
    if is_used:
        st.rerun()  # the list of chosen styles lies outside of the dialog


def _use(form: Form, name: str) -> None:
    form.put(styles=[*form.get("styles"), name])


def preview(style: TeamStyle, side: int) -> None:
    """What a style makes, `side` CSS pixels wide; nothing where nobody chose an image."""
    try:
        image = studio().prompts.styles.preview(user(), style.id)
    except ContrappostoError:  # the list is worth more than its images
        return
    if image:
        data = b64encode(image).decode()
        source = f"data:image/webp;base64,{data}"
        st.html(
            f"<img src='{source}' width='{side}' alt='{texts.PREVIEW_ALT}' style='display:block'>",
            width=side,
        )


def _turns(page: int, last: int) -> None:
    with st.container(horizontal=True, horizontal_alignment="center"):
        for label, to in ((texts.PREVIOUS, page - 1), (texts.NEXT, page + 1)):
            st.button(
                label,
                key=f"styles.page.{label}",
                disabled=not 0 <= to <= last,
                on_click=st.session_state.__setitem__,
                args=(_PAGE, to),
            )
