"""The page's edge: whatever a page did not handle itself ends in one calm box."""

import logging

import streamlit as st

from core.errors import ContrappostoError
from ui.texts.formatting import plain

log = logging.getLogger(__name__)


def show_error(error: Exception) -> bool:
    """Show an error that no page handled. True keeps Streamlit from showing its own box."""
    if isinstance(error, ContrappostoError):
        log.warning("event=page_error kind=%s error=%s", type(error).__name__, error)
        st.error(plain(str(error)), icon=":material/cloud_off:")
    else:
        log.error("event=page_failed kind=%s", type(error).__name__, exc_info=error)
        st.error(
            "Something went wrong here. Nothing was lost; reload the page. "
            "If it happens again, the dashboard's log says why.",
            icon=":material/report:",
        )
    return True
