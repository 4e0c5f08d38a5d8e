"""The page the pose editor is tested on: the editor, its map, and what Python holds."""

import io
from base64 import b64encode

import streamlit as st
from PIL import Image

from formats.openpose.skeleton import Skeleton
from poses.canvas import fit_to_canvas
from poses.preset_poses import default_pose
from ui.pose.editor import EditorOptions, pose_editor
from ui.pose.studio import pose_map


def picture(width: int, height: int) -> str:
    """A plain picture to lie under the figures."""
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).save(buffer, "PNG")
    return f"data:image/png;base64,{b64encode(buffer.getvalue()).decode()}"


def start() -> Skeleton:
    """The default figure on the canvas that the address asks for."""
    width = int(st.query_params.get("width", 512))
    height = int(st.query_params.get("height", 512))
    return default_pose().scaled(width, height)


def page() -> None:
    st.session_state.setdefault("pose", start())
    loads = st.session_state.setdefault("loads", 0)
    if st.button("Load the start"):
        st.session_state["pose"] = start()
        st.session_state["loads"] = loads = loads + 1
    if st.button("Load another"):
        st.session_state["pose"] = Skeleton(width=640, height=384, people=())
    if st.button("Widen"):
        st.session_state["narrow"] = st.session_state["pose"]
        st.session_state["pose"] = fit_to_canvas(st.session_state["pose"], 640, 384)
    if st.button("Narrow"):
        st.session_state["pose"] = st.session_state["narrow"]
    pose = st.session_state["pose"]
    left, right = st.columns(2)
    with left:
        pose = pose_editor(
            pose,
            key="editor",
            version=loads,
            options=EditorOptions(
                background_url=picture(64, 64) if "picture" in st.query_params else None,
                hands="hands" in st.query_params,
                lock_lengths="lock" in st.query_params,
            ),
        )
    st.session_state["pose"] = pose
    with right:
        pose_map(pose)
    held = pose.model_dump_json()
    st.html(f"<pre id='held' data-loads='{loads}' style='display:none'>{held}</pre>")


st.set_page_config(layout="wide")
pages = [
    st.Page(page, title="Editor", default=True),
    st.Page(lambda: None, title="Away", url_path="away"),
]
st.navigation(pages, position="top").run()
