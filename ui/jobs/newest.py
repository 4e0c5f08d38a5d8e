"""Draws the newest job right beside the form, live while it runs."""

import streamlit as st

from ui.errors import show_notice
from ui.jobs.view import draw_job
from ui.navigation import go_if_asked
from ui.state import studio, user


@st.fragment
def newest_job() -> None:
    """The user's latest job, or what will be here."""
    go_if_asked()
    show_notice()
    job = studio().jobs.newest(user())
    if job is None:
        with st.container(key="no-picture", horizontal_alignment="center"):
            st.markdown("#### Your picture appears here", anchors=False)
            st.caption("Write a prompt and press Generate on Cloud.")
        return
    waiting = [one for one in studio().jobs.open(user()) if one.id != job.id]
    draw_job(job)
    if waiting:
        st.page_link(
            "../pages/jobs.py",
            icon=":material/schedule:",
            label=f"{len(waiting)} more at work or waiting",
        )
