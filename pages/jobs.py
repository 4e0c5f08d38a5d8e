"""Jobs: every request, newest first, and what came of it."""

import streamlit as st

from ui.errors import show_notice
from ui.jobs.alerts import allow_alerts
from ui.jobs.detail.detail import job_detail
from ui.jobs.grids.list import grid_list
from ui.jobs.list.list import job_list
from ui.jobs.search.collections import collection_list
from ui.texts import common as texts

st.title(texts.JOBS, anchor=False)
show_notice()
with st.container(key="jobs-split"):
    left, right = st.columns([5, 7], gap="large")
    with left, st.container(key="job-list"):
        grid_list()
        collection_list()
        job_list()
        allow_alerts()
    with right, st.container(key="job-detail"):
        job_detail()
