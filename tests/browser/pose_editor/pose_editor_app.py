"""Serves the page the pose editor is tested on, and the scripts it asks for."""

import streamlit as st

from ui.components import script_files

app = st.App("pose_editor_page.py", routes=script_files.routes)
