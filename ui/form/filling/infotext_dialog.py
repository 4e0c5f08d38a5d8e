"""The dialog that shows what an infotext would change, and changes what is ticked."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import streamlit as st

from core.errors import InvalidInput
from core.jobs.preparing.infotext.reading import Unmet
from core.jobs.preparing.infotext.settings import InfotextSettings, read_settings
from core.models.metadata.missing_models import Answer, found_file, missing_models
from formats.generation.infotext import MAX_INFOTEXT
from ui.errors import attempt, show_notice
from ui.form.filling.changes import FieldChange, apply_changes, changes_of
from ui.form.filling.infotext_sources import InfotextSource, differences, of_files, of_text
from ui.form.filling.send_image import offered_units, use_as_start, use_for_unit
from ui.form.filling.tick_list import tick_list, ticked
from ui.form.state import Form
from ui.models.missing import LACKING, model_answer
from ui.state import PageName, go_to_requested_page, request_page, studio, user
from ui.texts.form import infotext as texts
from ui.texts.formatting import escape

_WITH_UNITS: Final = "controlnet"


def show_sources(form: Form, sources: Sequence[InfotextSource]) -> None:
    """From a callback: open the dialog with these; with none it asks for some."""
    st.session_state[_key(form)] = tuple(sources)
    st.session_state.pop(form.key("infotext.chosen"), None)


def is_open(form: Form) -> bool:
    """Whether the dialog is to be drawn."""
    return _key(form) in st.session_state


def _key(form: Form) -> str:
    return form.key("infotext.sources")


def _close(form: Form) -> None:
    st.session_state.pop(_key(form), None)


def infotext_dialog(form: Form) -> None:
    """The dialog over the page."""
    st.dialog(texts.TITLE, width="large", on_dismiss=partial(_close, form))(_dialog)(form)


def _dialog(form: Form) -> None:
    go_to_requested_page()
    show_notice()
    if not is_open(form):  # what was done in it closes it
        st.rerun()
    sources: tuple[InfotextSource, ...] = st.session_state[_key(form)]
    if not sources:
        _ask(form)
        return
    source = _chosen(form, sources)
    st.caption(texts.of_file(escape(source.name)))
    if source.problem:
        st.error(escape(source.problem), icon=":material/error:")
        _ask(form)
    elif source.image is not None:
        _image(form, source.image)
    else:
        _settings(form, source)


def _ask(form: Form) -> None:
    key, files = form.key("infotext.text"), form.key("infotext.chosen-files")
    st.file_uploader(
        texts.FILES,
        accept_multiple_files=True,
        key=files,
        on_change=_take_files,
        args=(form, files),
    )
    st.text_area(
        texts.TEXT,
        key=key,
        height=140,
        max_chars=MAX_INFOTEXT,
        placeholder=texts.PLACEHOLDER,
        help=texts.TEXT_HELP,
    )
    st.button(
        texts.TAKE_TEXT,
        type="primary",
        key=form.key("infotext.take"),
        on_click=_take_text,
        args=(form, key),
    )


def _take_files(form: Form, key: str) -> None:
    if files := st.session_state.get(key):
        show_sources(form, of_files(files))


def _take_text(form: Form, key: str) -> None:
    text = str(st.session_state.get(key) or "").strip()
    empty = InfotextSource(texts.TEXT, problem=texts.EMPTY)
    show_sources(form, (of_text(text) if text else empty,))


def _chosen(form: Form, sources: Sequence[InfotextSource]) -> InfotextSource:
    """The one of several that is to be taken, below what they differ in."""
    if len(sources) == 1:
        return sources[0]
    with_text = [source for source in sources if source.text]
    if len(with_text) > 1 and (rows := differences(with_text)):
        names = [f"{n}. {escape(source.name)}" for n, source in enumerate(with_text, 1)]
        columns = zip(*rows.values(), strict=True)
        st.caption(texts.DIFFERENCES)
        st.table(
            {
                texts.ENTRY: list(map(escape, rows)),
                **{n: list(map(escape, c)) for n, c in zip(names, columns, strict=True)},
            }
        )
    index = st.selectbox(
        texts.CHOOSE,
        range(len(sources)),
        key=form.key("infotext.chosen"),
        format_func=lambda number: f"{number + 1}. {sources[number].name}",
    )
    return sources[index or 0]


def _settings(form: Form, source: InfotextSource) -> None:
    """What it changes with ticks, what is not taken, what is lacking, and the button."""
    try:
        answers = missing_models(source.text, studio().models.list(user()))
        found = read_settings(source.text, found_file(answers))
    except InvalidInput as error:
        st.error(escape(str(error)), icon=":material/error:")
        return
    takes_units = form.name == _WITH_UNITS
    changes = changes_of(form, found.settings, found.units if takes_units else ())
    key = form.key(f"infotext.tick.{hash(source)}")
    if changes:
        tick_list(key, changes)
    else:
        st.info(texts.NOTHING_NEW, icon=":material/check:")
    if found.units and not takes_units:
        _go_on_with_units(form, source)
    _unmet(found, with_units=takes_units)
    _lacking(form, answers)
    _buttons(form, key, changes, source.name)


def _go_on_with_units(form: Form, source: InfotextSource) -> None:
    st.button(
        texts.ON_CONTROLNET,
        icon=":material/arrow_forward:",
        key=form.key("infotext.on_controlnet"),
        on_click=_move,
        args=(form, source),
    )


def _move(form: Form, source: InfotextSource) -> None:
    _close(form)
    show_sources(Form(_WITH_UNITS), (source,))
    request_page(_WITH_UNITS)


def _unmet(found: InfotextSettings, *, with_units: bool) -> None:
    told = [each for each in found.unmet if with_units or not _is_of_unit(each)]
    if told:
        lines = [texts.unmet(*map(escape, (e.name, e.value, e.reason))) for e in told]
        with st.expander(f"{texts.UNMET} ({len(told)})", icon=":material/info:"):
            st.markdown("\n".join(lines))


def _is_of_unit(unmet: Unmet) -> bool:
    return unmet.name.startswith(texts.UNIT_ENTRY)


def _lacking(form: Form, answers: Sequence[Answer]) -> None:
    lacking = [answer for answer in answers if answer.standing in LACKING]
    if not lacking:
        return
    st.markdown(f"**{texts.LACKING}**")
    for number, answer in enumerate(lacking):
        model_answer(form.key(f"infotext.find.{number}"), answer)
    st.page_link("../pages/models.py", label=texts.GO_TO_MODELS, icon=":material/upload:")


def _buttons(form: Form, key: str, changes: Sequence[FieldChange], name: str) -> None:
    taken = ticked(key, changes)
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button(texts.CANCEL, key=form.key("infotext.cancel"), on_click=_close, args=(form,))
        st.button(
            texts.apply(len(taken)),
            type="primary",
            key=form.key("infotext.apply"),
            disabled=not taken,
            on_click=_apply,
            args=(form, taken, escape(name)),
        )


def _apply(form: Form, taken: Sequence[FieldChange], name: str) -> None:
    apply_changes(form, taken, name)
    _close(form)


def _image(form: Form, data: bytes) -> None:
    """An image without an infotext: what else it is good for."""
    st.info(texts.NO_INFOTEXT, icon=":material/image:")
    st.image(data, width=240)
    with st.container(horizontal=True, gap="small"):
        st.button(
            texts.USE_START,
            key=form.key("infotext.start"),
            on_click=_use,
            args=(form, partial(use_as_start, form, data), None),
        )
        units = Form(_WITH_UNITS)
        for index in offered_units(units):
            st.button(
                texts.unit_image(index + 1),
                key=form.key(f"infotext.unit.{index}"),
                on_click=_use,
                args=(form, partial(use_for_unit, units, data, index), _WITH_UNITS),
            )


def _use(form: Form, action: Callable[[], None], page: PageName | None) -> None:
    attempt(action)
    _close(form)
    if page and page != form.name:
        request_page(page)
