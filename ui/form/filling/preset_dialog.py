"""The dialog of presets: one to use, with what it changes, or a new one to save."""

from functools import partial
from typing import Final

import streamlit as st

from core.errors import ContrappostoError
from core.prompts.service import FormPreset
from core.team.permissions import Action, Kind, Visibility
from formats.limits import MAX_STYLE_NAME
from ui.components.sharing_fields import has_others, title_of
from ui.errors import attempt, messages_of, show_at, show_notice, show_rest
from ui.form.filling.preset_fields import (
    Change,
    changes_of,
    choosable_fields,
    default_fields,
    values_of,
)
from ui.form.filling.presets import (
    CHOSEN,
    UNDO,
    apply,
    close_presets,
    delete,
    is_open,
    known_models,
    preset_button,
    replace,
    undo,
)
from ui.form.state import Form
from ui.state import may, may_create, session_value, studio, user
from ui.texts.form import presets as texts

_PROBLEMS: Final = "presets.save.problems"


def presets(form: Form) -> None:
    """The button, and the dialog while it is open."""
    preset_button(form)
    if is_open(form):
        st.dialog(texts.TITLE, width="medium", on_dismiss=close_presets)(_dialog)(form)


def _dialog(form: Form) -> None:
    show_notice()
    _undo_bar()
    use, save = st.tabs([texts.USE, texts.SAVE_NEW])
    with use:
        _use(form)
    with save:
        if may_create(Kind.FORM_PRESET):
            _save_fields(form)


def _undo_bar() -> None:
    if not (deleted := st.session_state.get(UNDO)):
        return
    with st.container(horizontal=True, vertical_alignment="center", key="presets-undo"):
        st.info(texts.deleted(deleted[1]), icon=":material/delete:")
        st.button(
            texts.UNDO, type="primary", key="presets.undo.yes", on_click=attempt, args=(undo,)
        )


def _use(form: Form) -> None:
    known = {preset.id: preset for preset in studio().prompts.presets.list(user())}
    if not known:
        st.info(texts.NONE_YET, icon=":material/tune:")
        return
    if st.session_state.get(CHOSEN) not in known:
        st.session_state[CHOSEN] = next(iter(known))
    st.selectbox(texts.CHOOSE, list(known), key=CHOSEN, format_func=lambda one: known[one].name)
    preset = known[st.session_state[CHOSEN]]
    st.caption(texts.about(title_of(preset.owner) if has_others() else "", preset.note))
    _changes(form, preset)
    if may(Action.CHANGE, preset.item):
        _change(form, preset)


def _changes(form: Form, preset: FormPreset) -> None:
    """What it changes, a tick each: those that name a model that is gone have none at first."""
    changes = changes_of(form, preset, known_models())
    if missing := [change.new for change in changes if change.is_missing]:
        st.warning(texts.missing(missing), icon=":material/search_off:")
    if not changes:
        st.caption(texts.NOTHING_CHANGES)
        return
    for change in changes:
        st.checkbox(
            texts.change(change.label, change.old, change.new),
            value=not change.is_missing,
            key=_tick(preset, change),
        )
    if st.button(
        texts.APPLY,
        type="primary",
        icon=":material/check:",
        key="presets.apply",
        on_click=attempt,
        args=(partial(_apply, form, preset),),
    ):
        st.toast(texts.applied(preset.name), icon=":material/check:")
        st.rerun()


def _tick(preset: FormPreset, change: Change) -> str:
    return f"presets.tick.{preset.id}.{preset.revision}.{change.label}"


def _apply(form: Form, preset: FormPreset) -> None:
    changes = changes_of(form, preset, known_models())
    apply(form, (each for each in changes if st.session_state.get(_tick(preset, each))))
    close_presets()


def _change(form: Form, preset: FormPreset) -> None:
    with st.expander(texts.CHANGE, icon=":material/edit:"):
        at = f"presets.edit.{preset.id}.{preset.revision}"
        st.text_input(texts.NAME, preset.name, key=f"{at}.name", max_chars=MAX_STYLE_NAME)
        st.text_input(texts.NOTE, preset.note, key=f"{at}.note")
        for label, key, act in (
            (texts.RENAME, "rename", partial(_rename, preset, at)),
            (texts.REPLACE, "replace", partial(replace, form, preset)),
            (texts.DELETE, "delete", partial(delete, preset)),
        ):
            st.button(label, key=f"presets.{key}", on_click=attempt, args=(act,))


def _rename(preset: FormPreset, at: str) -> None:
    name, note = (session_value(f"{at}.{field}", str, "") for field in ("name", "note"))
    studio().prompts.presets.rename(user(), preset, name, note)


def _save_fields(form: Form) -> None:
    problems = session_value(_PROBLEMS, dict, {})
    st.text_input(texts.NAME, key="presets.save.name", max_chars=MAX_STYLE_NAME)
    show_at(problems, "name")
    st.text_input(texts.NOTE, key="presets.save.note")
    show_at(problems, "note")
    labels = choosable_fields()
    st.pills(
        texts.FIELDS,
        list(labels),
        selection_mode="multi",
        default=default_fields(),
        key="presets.save.fields",
        format_func=lambda field: labels[field],
    )
    show_at(problems, "fields")
    st.caption(texts.IMAGES_STAY)
    if has_others():
        st.toggle(texts.VISIBLE_TO_TEAM, key="presets.save.shared")
    show_rest(problems, "name", "note", "fields")
    is_asked = st.button(
        texts.SAVE, type="primary", key="presets.save.yes", on_click=_save, args=(form,)
    )
    if is_asked and not st.session_state[_PROBLEMS]:
        st.toast(texts.saved(st.session_state["presets.save.name"]), icon=":material/check:")


def _save(form: Form) -> None:
    state = st.session_state
    is_shared = not has_others() or session_value("presets.save.shared", bool, default=False)
    try:
        saved = studio().prompts.presets.save(
            user(),
            session_value("presets.save.name", str, ""),
            values_of(form.values(), state.get("presets.save.fields", ())),
            session_value("presets.save.note", str, ""),
            Visibility.TEAM if is_shared else Visibility.PRIVATE,
        )
    except ContrappostoError as error:
        state[_PROBLEMS] = messages_of(error)
    else:
        state[_PROBLEMS] = {}
        state[CHOSEN] = saved.id
