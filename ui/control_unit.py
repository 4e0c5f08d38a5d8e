"""Draws a ControlNet unit: the pose that steers the picture, and how strongly."""

from typing import Final

import streamlit as st

from core.errors import InvalidInput
from core.pictures import check_picture
from formats.openpose import PoseError, from_json
from formats.request import ControlMode, ResizeMode
from ui.default_pose import default_pose
from ui.form import Form
from ui.model_pickers import controlnet_picker
from ui.pose_preview import pose_preview
from ui.pose_table import pose_table
from ui.problems import problems_of, show_at

UNIT: Final = ("units",)
_AT_ITS_WIDGET: Final = ("units.0.model", "units.0.picture")


def control_unit(form: Form) -> None:
    """The unit. Without a map that was uploaded it starts from a skeleton."""
    if form.kept.pose is None and form.picture("map_picture") is None:
        form.put(pose=default_pose())
    with st.container(border=True, key="unit"):
        st.toggle("Steer with an OpenPose pose", key=form.key("control"))
        if form.get("control"):
            _pose(form)
            controlnet_picker(form)
            _strength(form)
        of_unit = {f: m for f, m in form.problems.items() if f not in _AT_ITS_WIDGET}
        show_at(of_unit, *UNIT)


def _pose(form: Form) -> None:
    """The map as the ControlNet will see it, and where it comes from."""
    pose = form.kept.pose
    picture, source = st.columns([2, 3])
    with picture:
        pose_preview(pose, form.picture("map_picture"))
    with source:
        _upload(form)
        st.button(
            "Start from the default pose", key=form.key("pose.default"), width="stretch",
            icon=":material/accessibility_new:", on_click=_start_anew, args=(form,),
        )  # fmt: skip
    if pose is not None:
        with st.expander("Move the joints", icon=":material/open_with:"):
            moved = pose_table(pose, form.key("pose"))
        if moved != pose:
            form.put(pose=moved)
            st.rerun()


def _upload(form: Form) -> None:
    key = form.key("map.upload")
    st.file_uploader(
        "OpenPose map (PNG) or pose (JSON)", type=["png", "jpg", "jpeg", "webp", "json"], key=key,
        on_change=_take, args=(form, key),
    )  # fmt: skip
    show_at(form.problems, "units.0.picture")


def _take(form: Form, key: str) -> None:
    uploaded = st.session_state[key]
    if uploaded is None:
        return
    data = uploaded.getvalue()
    try:
        if uploaded.name.lower().endswith(".json"):
            form.put(pose=from_json(data))
            form.put_picture("map_picture", None)
        else:
            form.put_picture("map_picture", check_picture(data, "units.0.picture"))
            form.put(pose=None)
    except PoseError as error:
        form.set_problems(problems_of(InvalidInput(str(error), "units.0.picture")))
    except InvalidInput as error:
        form.set_problems(problems_of(error))
    else:
        form.set_problems()


def _start_anew(form: Form) -> None:
    form.put(pose=default_pose())
    form.put_picture("map_picture", None)


def _strength(form: Form) -> None:
    left, right = st.columns(2)
    left.slider("Control weight", 0.0, 2.0, step=0.05, key=form.key("control_weight"))
    right.slider(
        "Start and end", 0.0, 1.0, step=0.05, key=form.key("control_span"),
        help="The share of the steps between which the pose steers.",
    )  # fmt: skip
    left.selectbox("Control mode", list(ControlMode), key=form.key("control_mode"))
    right.selectbox("Resize mode of the map", list(ResizeMode), key=form.key("control_resize"))
