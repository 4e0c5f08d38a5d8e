"""What a form's dynamic prompts become, told before the click: how many, which, for how much."""

from typing import Final

import streamlit as st

from core.errors import AwsError, ContrappostoError
from core.jobs.grids.scripts import GridScript, ScriptSpec
from core.prompts.dynamic import MAX_PROMPTS, is_counted
from core.prompts.service import PromptDraft, PromptPair
from formats.prompts.dynamic.prompt_pair import is_dynamic
from ui.errors import messages_of, show_at
from ui.form.prompt.wildcard_seed import FIELD, wildcard_seed
from ui.form.prompt.wildcards.dialog import library_button
from ui.form.state import Form
from ui.form.values import NOTHING
from ui.jobs.grids.estimate import estimate_line
from ui.state import studio, user
from ui.texts import formatting
from ui.texts.form import wildcards as texts

_SHOWN: Final = 20

PROBLEMS: Final = ("wildcard_seed", "prompt_count")
"""Fields of a draft whose problems are shown here."""


def expansions(form: Form) -> None:
    """The choices of a dynamic prompt; for a plain one the library of wildcards alone."""
    library_button(form)
    draft = _template(form)
    if draft is None:
        return
    script = form.get("script.kind")
    with st.container(border=True, key=f"{form.name}-expansions", gap="small"):
        if script == NOTHING:
            _which(form)
        _seed(form, is_set=script == NOTHING and dynamic_spec(form) is not None)
        show_at(form.problems, *PROBLEMS)
        _result(form, draft)
        if script == GridScript.XYZ:
            st.caption(texts.WITH_XYZ)
        elif script == GridScript.LINES:
            st.caption(texts.WITH_LINES)


def dynamic_spec(form: Form) -> ScriptSpec | None:
    """The set of jobs that a click asks for; None where one job or a script is."""
    if form.get("script.kind") != NOTHING or _template(form) is None:
        return None
    values = form.values().dynamic
    count = values.most if values.every else values.count
    if not values.every and count == 1:
        return None
    return ScriptSpec(
        script=GridScript.DYNAMIC, every=values.every, count=count, one_seed=values.one_seed
    )


def _template(form: Form) -> PromptDraft | None:
    """Both prompts with their styles; None where nothing is chosen in them."""
    mode = form.get("mode")
    if not mode.uses_checkpoint:
        return None
    draft = PromptDraft(
        mode=mode,
        prompt=form.get("prompt") or "",
        negative_prompt=form.get("negative_prompt") or "",
        styles=tuple(form.get("styles")),
        wildcard_seed=wildcard_seed(form),
    )
    try:
        styled = studio().prompts.styled(user(), draft)
    except ContrappostoError:  # said at the styles
        return None
    if not is_dynamic(PromptPair(styled.prompt, styled.negative_prompt)):
        return None
    return styled.model_copy(update={"styles": ()})


def _which(form: Form) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            texts.WHICH,
            [False, True],
            key=form.key("dynamic.every"),
            required=True,
            format_func=lambda every: texts.EVERY if every else texts.RANDOM,
        )
        if form.get("dynamic.every"):
            _number(form, "dynamic.most", texts.MOST, texts.MOST_HELP)
        else:
            _number(form, "dynamic.count", texts.COUNT, texts.COUNT_HELP)


def _number(form: Form, field: str, label: str, about: str) -> None:
    st.number_input(
        label, 1, MAX_PROMPTS, key=form.key(field), help=about, step=1, width=_NUMBER_WIDTH
    )


_NUMBER_WIDTH: Final = 180


def _seed(form: Form, *, is_set: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if not (form.get("dynamic.every") and is_set):
            st.number_input(
                texts.WILDCARD_SEED,
                key=form.key(FIELD),
                help=texts.WILDCARD_SEED_HELP,
                step=1,
                width=_NUMBER_WIDTH,
            )
        if is_set:
            st.toggle(texts.ONE_SEED, key=form.key("dynamic.one_seed"), help=texts.ONE_SEED_HELP)


def _result(form: Form, draft: PromptDraft) -> None:
    """The number of combinations, the first prompts and the price; or what is wrong, and where."""
    spec = dynamic_spec(form)
    every, asked = (spec.every, spec.count) if spec else (False, 1)
    prompts = studio().prompts
    try:
        count = prompts.combinations(user(), draft)
        found = prompts.expansions(user(), draft, every=every, count=min(asked, _SHOWN))
    except AwsError as error:
        st.caption(formatting.escape(str(error)))
        return
    except ContrappostoError as error:
        for message in messages_of(error).values():
            st.markdown(f":red[{texts.is_wrong(formatting.escape(message))}]")
        return
    st.caption(formatting.escape(texts.combinations(count, len(found), is_exact=is_counted(count))))
    lines = [" ".join(each.prompts.prompt.split()) for each in found]
    title = texts.first_ones(len(found), min(asked, count) if every else asked)
    with st.container() if len(found) == 1 else st.expander(title, expanded=True):
        st.code("\n".join(lines) or " ", language=None, wrap_lines=True)
    wanted = spec or ScriptSpec(script=GridScript.DYNAMIC)
    is_told = spec or len(form.get("checkpoints")) <= 1
    if form.get("script.kind") == NOTHING and is_told:
        estimate_line(form, wanted, {}, with_units=False)
