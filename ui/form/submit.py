"""The button Generate on Cloud: one click, one set of jobs; with a script, one grid."""

from typing import Final

import streamlit as st

from core.errors import ContrappostoError
from core.team.permissions import Kind
from ui.components import autosave_text
from ui.errors import problems_of
from ui.form.estimate import before_the_click
from ui.form.filling.drafts import draft_of
from ui.form.filling.last_settings import remember_settings
from ui.form.prompt.expansions import dynamic_spec
from ui.form.prompt.recent import remember_prompts
from ui.form.prompt.wildcard_seed import FIELD, choose_again
from ui.form.state import Form
from ui.jobs.grids.fields import TEXTS, script_spec
from ui.state import may_create, one_click, studio, user
from ui.team.quota_line import quota_line
from ui.texts.form import form as texts

_TYPED: Final = ("prompt", "negative_prompt", *(f"script.{name}" for name in TEXTS))
"""Text boxes of which nothing is lost that was just typed."""


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
        before_the_click(form, with_units=with_units)
        quota_line()
    else:
        st.caption(texts.VIEWERS_LOOK)
    autosave_text(form.key("typing"), *(form.key(name) for name in _TYPED))


def _submit(form: Form, with_units: bool) -> None:
    draft = draft_of(form, with_units=with_units)
    uses_script = form.get("mode").uses_checkpoint
    spec = (script_spec(form) or dynamic_spec(form)) if uses_script else None
    # Another wildcard seed was chosen since the first of two quick presses.
    asked = draft.model_copy(update={"wildcard_seed": form.get(FIELD)})
    try:
        with one_click(form.key("generate"), (asked, spec)) as click:
            if spec:
                form.put(grid=studio().grids.submit(user(), draft, spec, click).id)
            else:
                studio().jobs.submit(user(), draft, click)
    except ContrappostoError as error:
        form.set_problems(problems_of(error))
    else:
        form.set_problems()
        choose_again(form)
        remember_prompts(form)
        remember_settings(form)
