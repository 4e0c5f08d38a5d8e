"""Gives a job's image, or the control map of one of its units, to a ControlNet unit of the form."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.jobs.service import JobDetail
from formats.generation.controlnet_unit import Preprocessor
from ui.errors import attempt
from ui.form.filling.send_image import offered_units, use_for_unit
from ui.form.state import Form
from ui.state import request_page, studio, user
from ui.texts.form.controlnet import unit_name
from ui.texts.jobs import send_to_unit as texts


def send_to_unit(detail: JobDetail, index: int) -> None:
    """A menu: which image, and which unit."""
    job = detail.job
    maps = detail.result.maps if detail.result else 0
    with st.popover(texts.SEND, icon=":material/accessibility_new:"):
        image = partial(studio().jobs.image, user(), job.id, index)
        _buttons(f"{job.id}.{index}", texts.IMAGE, image)
        for number in range(maps):
            read = partial(studio().jobs.map, user(), job.id, number)
            label = texts.map_of(unit_name(number + 1))
            _buttons(f"{job.id}.map{number}", label, read, is_map=True)


def _buttons(key: str, label: str, read: Callable[[], bytes], *, is_map: bool = False) -> None:
    st.caption(label)
    with st.container(horizontal=True, gap="xsmall"):
        for unit in offered_units(Form("controlnet")):
            st.button(
                texts.to_unit(unit_name(unit + 1), label),
                key=f"unit.{key}.{unit}",
                on_click=attempt,
                args=(partial(_send, read, unit, is_map=is_map),),
            )


def _send(read: Callable[[], bytes], unit: int, *, is_map: bool) -> None:
    """A map needs no preprocessor; an image keeps the one that the unit has."""
    form = Form("controlnet")
    use_for_unit(form, read(), unit)
    if is_map:
        units = form.values().units
        units[unit] = units[unit].model_copy(update={"preprocessor": Preprocessor.NONE})
        form.put(units=units)
    request_page("controlnet")
