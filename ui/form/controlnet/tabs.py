"""Draws the ControlNet units: tabs of up to four, added and removed."""

from typing import Final

import streamlit as st

from formats.limits import MAX_CONTROLNET_UNITS
from ui.errors import show_at
from ui.form.controlnet.unit import control_unit
from ui.form.controlnet.unit_images import unit_picture
from ui.form.state import Form
from ui.form.values import Source, UnitValues
from ui.pose.board import Board, unit_name

UNITS: Final = ("units",)


def control_units(form: Form) -> None:
    """A tab for each unit. Problems of a unit stand in it, those of all below."""
    count = len(form.kept.units)
    with st.container(border=True, key="units"):
        names = [f"{'●' if form.unit(i).enabled else '○'} {unit_name(i)}" for i in range(count)]
        at_work = 0
        for index, tab in enumerate(st.tabs(names)):
            with tab:
                control_unit(form, index, at_work)
            at_work += form.unit(index).enabled
        show_at({field: said for field, said in form.problems.items() if field == "units"}, *UNITS)
        _change_number(form, count)


def _change_number(form: Form, count: int) -> None:
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Add a unit",
            key=form.key("units.add"),
            icon=":material/add:",
            type="tertiary",
            disabled=count >= MAX_CONTROLNET_UNITS,
            on_click=_add,
            args=(form,),
        )
        if count > 1:
            st.button(
                f"Remove unit {count}",
                key=form.key("units.remove"),
                icon=":material/remove:",
                type="tertiary",
                on_click=_remove_last,
                args=(form,),
            )


def _add(form: Form) -> None:
    """Another unit, for a picture: the first has the pose."""
    form.put(units=[*form.values().units, UnitValues(source=Source.PICTURE)])


def _remove_last(form: Form) -> None:
    units = form.values().units
    Board(form, len(units) - 1).clear()
    form.put(units=units[:-1])
    form.put_picture(unit_picture(len(units) - 1), None)
