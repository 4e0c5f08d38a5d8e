"""The button Generate on Cloud: one click, one set of jobs."""

import streamlit as st

from core.errors import ContrappostoError
from core.team.permissions import Kind
from ui.components import autosave_text
from ui.errors import problems_of
from ui.form.drafts import draft_of
from ui.form.state import Form
from ui.state import may_create, one_click, studio, user
from ui.team.quota_line import quota_line
from ui.texts import form as texts


def generate_button(form: Form, *, with_units: bool = False) -> None:
    """The button; Ctrl+Enter presses it from anywhere on the page."""
    may_generate = may_create(Kind.JOB)
    st.button(
        texts.GENERATE,
        type="primary",
        width="stretch",
        shortcut="Mod+Enter",
        key=form.key("generate"),
        on_click=_submit,
        args=(form, with_units),
        disabled=not may_generate,
    )
    if may_generate:
        quota_line()
    else:
        st.caption(texts.VIEWERS_LOOK)
    autosave_text(form.key("typing"), form.key("prompt"), form.key("negative_prompt"))


def _submit(form: Form, with_units: bool) -> None:
    draft = draft_of(form, with_units=with_units)
    try:
        with one_click(form.key("generate"), draft) as click:
            studio().jobs.submit(user(), draft, click)
    except ContrappostoError as error:
        form.set_problems(problems_of(error))
    else:
        form.set_problems()
