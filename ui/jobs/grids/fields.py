"""The script below a form, as A1111 has it: X/Y/Z plot, prompt matrix, prompts from file."""

import csv
import io
from collections.abc import Callable, Mapping
from typing import Final

import streamlit as st

from core.jobs.grids.axes import AxisField, AxisSpec
from core.jobs.grids.plan import GridSpec
from core.jobs.grids.scripts import CHOSEN, GridScript, ScriptSpec
from core.poses.catalogue import PoseEntry
from formats.generation.samplers import Sampler, Schedule
from formats.models.kinds import ModelKind
from formats.prompts.prompt_matrix import MatrixDelimiter
from ui.errors import show_at
from ui.form.state import Form
from ui.form.values import NOTHING
from ui.jobs.grids.estimate import estimate_line
from ui.pose.library import preset_poses, team_poses
from ui.state import studio, user
from ui.texts.form import form as texts

AXES: Final = ("x", "y", "z")
TEXTS: Final = ("x_values", "y_values", "z_values", "lines")
"""Fields that somebody types into."""

PROBLEMS: Final = ("grid", *AxisField)
"""Fields whose problems are shown here."""


def script_fields(form: Form, *, with_units: bool) -> None:
    """The select, and the fields of the script that is chosen."""
    st.selectbox(
        texts.SCRIPT,
        [NOTHING, *CHOSEN],
        key=form.key("script.kind"),
        format_func=lambda script: script or texts.NO_SCRIPT,
        help=texts.SCRIPT_HELP,
    )
    spec = script_spec(form)
    if spec is None:
        show_at(form.problems, *PROBLEMS)
        return
    with st.container(border=True, key=f"{form.name}-script"):
        match spec.script:
            case GridScript.XYZ:
                _xyz_fields(form, with_units=with_units)
            case GridScript.MATRIX:
                _matrix_fields(form)
            case GridScript.LINES:
                _lines_fields(form)
        show_at(form.problems, "grid")
        estimate_line(form, script_spec(form) or spec, poses(), with_units=with_units)


def script_spec(form: Form) -> ScriptSpec | None:
    """The script as its fields have it; None where none is chosen."""
    if form.get("script.kind") == NOTHING:
        return None
    values = form.values().script
    axes = (_axis(form, name) for name in AXES)
    return ScriptSpec(
        script=GridScript(values.kind),
        grid=GridSpec(
            axes=tuple(axis for axis in axes if axis),
            keep_random_seeds=values.keep_random_seeds,
            vary_seeds=values.vary_seeds,
        ),
        at_start=values.at_start,
        delimiter=values.delimiter,
        lines=values.lines,
        one_seed=values.one_seed,
    )


def poses() -> dict[str, PoseEntry]:
    """The poses that an axis may take, by their ids."""
    return {pose.id: pose for pose in (*team_poses(), *preset_poses())}


def _axis(form: Form, name: str) -> AxisSpec | None:
    chosen = form.get(f"script.{name}")
    if chosen == NOTHING:
        return None
    field = AxisField(chosen)
    is_pose = field is AxisField.POSE
    ids = form.get(f"script.{name}_poses")
    return AxisSpec(
        field=field, values="\n".join(ids) if is_pose else form.get(f"script.{name}_values")
    )


def _xyz_fields(form: Form, *, with_units: bool) -> None:
    fields = [field for field in AxisField if with_units or not _is_of_units(field)]
    for name in AXES:
        form.limit(f"script.{name}", [NOTHING, *fields])
        _axis_fields(form, name, fields)
    with st.container(horizontal=True):
        st.toggle(
            texts.KEEP_RANDOM_SEEDS,
            key=form.key("script.keep_random_seeds"),
            help=texts.KEEP_RANDOM_SEEDS_HELP,
        )
        st.toggle(texts.VARY_SEEDS, key=form.key("script.vary_seeds"), help=texts.VARY_SEEDS_HELP)


def _axis_fields(form: Form, name: str, fields: list[AxisField]) -> None:
    left, right = st.columns([2, 3])
    letter = name.upper()
    with left:
        chosen = st.selectbox(
            texts.axis(letter),
            [NOTHING, *fields],
            key=form.key(f"script.{name}"),
            format_func=lambda field: field or texts.NO_AXIS,
        )
    if chosen == NOTHING:
        return
    with right:
        if chosen == AxisField.POSE:
            _pose_values(form, name)
        else:
            _typed_values(form, name, AxisField(chosen))
    show_at(form.problems, chosen)


def _typed_values(form: Form, name: str, field: AxisField) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_area(
            texts.axis_values(name.upper()), key=form.key(f"script.{name}_values"), height=68
        )
        if fill := _FILLS.get(field):
            st.button(
                texts.FILL,
                key=form.key(f"script.{name}_fill"),
                help=texts.FILL_HELP,
                on_click=lambda: form.put(**{f"script.{name}_values": _joined(fill())}),
            )


def _pose_values(form: Form, name: str) -> None:
    known = poses()
    key = form.key(f"script.{name}_poses")
    st.session_state[key] = [one for one in st.session_state.get(key, []) if one in known]
    st.multiselect(
        texts.AXIS_POSES,
        list(known),
        key=key,
        format_func=lambda one: known[one].name if one in known else one,
    )


def _matrix_fields(form: Form) -> None:
    st.caption(texts.MATRIX_NOTE)
    st.toggle(texts.AT_START, key=form.key("script.at_start"))
    st.radio(
        texts.DELIMITER,
        list(MatrixDelimiter),
        key=form.key("script.delimiter"),
        format_func=str,
        horizontal=True,
    )


def _lines_fields(form: Form) -> None:
    st.text_area(
        texts.LINES, key=form.key("script.lines"), placeholder=texts.LINES_PLACEHOLDER, height=120
    )
    uploaded = st.file_uploader(
        texts.LINES_FILE,
        type=["txt"],
        key=form.key("script.file"),
        on_change=_take_file,
        args=(form,),
    )
    if uploaded:
        st.caption(uploaded.name)
    st.toggle(texts.ONE_SEED, key=form.key("script.one_seed"))


def _take_file(form: Form) -> None:
    uploaded = st.session_state.get(form.key("script.file"))
    if uploaded:
        text = uploaded.getvalue().decode("utf-8-sig", errors="replace")
        form.put(**{"script.lines": text})


def _is_of_units(field: AxisField) -> bool:
    return field is AxisField.POSE or field.startswith("[ControlNet]")


def _names(kind: ModelKind) -> list[str]:
    return [file.name for file in studio().models.of_kind(user(), kind)]


_FILLS: Final[Mapping[AxisField, Callable[[], list[str]]]] = {
    AxisField.SAMPLER: lambda: list(Sampler),
    AxisField.SCHEDULE: lambda: list(Schedule),
    AxisField.CHECKPOINT: lambda: _names(ModelKind.CHECKPOINT),
    AxisField.VAE: lambda: _names(ModelKind.VAE),
    AxisField.HIRES_UPSCALER: lambda: _names(ModelKind.UPSCALER),
    AxisField.CONTROLNET_MODEL: lambda: _names(ModelKind.CONTROLNET),
}
"""What the button beside the values fills in."""


def _joined(values: list[str]) -> str:
    """Values as an axis reads them: one with a comma stands in quotes."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(values)
    return (
        line.getvalue().replace(",", ", ") if not any("," in v for v in values) else line.getvalue()
    )
