"""The styles of a form: chosen in their order, looked at, applied now, saved."""

from functools import partial

import streamlit as st

from core.errors import AwsError, ContrappostoError
from core.prompts.service import PromptPair, TeamStyle
from core.team.permissions import Kind
from formats.limits import MAX_STYLES_OF_JOB
from ui.errors import attempt, show_at, show_old
from ui.form.prompt.style_library.dialog import style_library
from ui.form.prompt.style_library.opened import is_library_open, open_library
from ui.form.prompt.style_saving import save_style_button
from ui.form.state import Form
from ui.state import may_create, studio, user
from ui.texts.form import styles as texts
from ui.texts.formatting import escape


def style_picker(form: Form) -> None:
    """Styles by name, in the order that they are applied in, and what can be done with them."""
    names = [style.name for style in known_styles()]
    gone = [name for name in form.get("styles") if name not in names]
    with st.container(key=f"{form.name}-styles", gap="small"):
        st.multiselect(
            texts.STYLES,
            [*dict.fromkeys(names), *gone],
            key=form.key("styles"),
            max_selections=MAX_STYLES_OF_JOB,
            placeholder=texts.PLACEHOLDER if names else texts.NONE_YET,
            help=texts.HELP,
            format_func=partial(_label, gone=gone),
        )
        if gone:
            st.warning(texts.gone(gone), icon=":material/search_off:")
        with st.container(horizontal=True, gap="small", key=f"{form.name}-style-actions"):
            _actions(form)
    show_at(form.problems, "styles")
    if is_library_open():
        style_library(form)


def known_styles() -> tuple[TeamStyle, ...]:
    """Those of the library; where it was never read, none, and the page says so."""
    try:
        found = studio().prompts.styles.list(user())
    except AwsError as error:
        show_old(str(error))
        return ()
    show_old(studio().prompts.styles.problem)
    return found


def _label(name: str, gone: list[str]) -> str:
    return texts.gone_label(name) if name in gone else name


def _actions(form: Form) -> None:
    """Always in their places, so that nothing jumps."""
    none = not form.get("styles")
    st.button(
        texts.APPLY,
        icon=":material/input:",
        key=form.key("styles.apply"),
        help=texts.APPLY_HELP,
        disabled=none,
        on_click=attempt,
        args=(partial(_apply, form),),
    )
    with st.popover(
        texts.PREVIEW, icon=":material/visibility:", help=texts.PREVIEW_HELP, disabled=none
    ):
        if not none:
            _result(form)
    if may_create(Kind.STYLE):
        save_style_button(form)
    st.button(
        texts.LIBRARY,
        icon=":material/style:",
        key=form.key("styles.library"),
        help=texts.LIBRARY_HELP,
        on_click=open_library,
    )


def _styled(form: Form) -> PromptPair:
    """Both prompts with the chosen styles. Raises InvalidDraft, AwsError."""
    typed = PromptPair(form.get("prompt") or "", form.get("negative_prompt") or "")
    return studio().prompts.apply(user(), typed, tuple(form.get("styles")))


def _apply(form: Form) -> None:
    styled = _styled(form)
    form.put(prompt=styled.prompt, negative_prompt=styled.negative, styles=[])
    form.set_problems()


def _result(form: Form) -> None:
    try:
        styled = _styled(form)
    except ContrappostoError as error:
        st.error(escape(str(error)))
        return
    for label, text in (
        (texts.STYLED_PROMPT, styled.prompt),
        (texts.STYLED_NEGATIVE, styled.negative),
    ):
        st.caption(label)
        st.code(text or texts.EMPTY, language=None, wrap_lines=True)
