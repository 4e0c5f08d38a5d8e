"""Model files from somebody's own computer: dropped anywhere on the page, or chosen."""

from typing import Any, Final

import streamlit as st

from ui.components import mount
from ui.routes.upload_worker import worker_url
from ui.routes.uploads import HEADER_BYTES, uploads_url
from ui.state import on_aws, studio, user
from ui.texts.models import browser as texts

_KEY: Final = "models.browser"


def browser_upload() -> None:
    """Where files are dropped, and a row for each that this tab sends.

    It goes on while another page of the studio is shown, and ends with the tab: dropped again, the
    same file goes on from where it was.
    """
    data: dict[str, Any] = {
        "address": uploads_url(studio(), user()),
        "worker": worker_url(),
        "options": {"kind": "", "replace": "", "direct": on_aws(), "headerBytes": HEADER_BYTES},
        "texts": texts.ROWS,
        "kinds": texts.kinds(),
    }
    # A run after `expired` is all that it takes: it signs another address.
    mount(
        "models/upload_drop",
        _KEY,
        data,
        default={"shown": []},
        on_shown_change=lambda: None,
        on_expired_change=lambda: None,
    )


def ids_sent_here() -> frozenset[str]:
    """The uploads that have a row in the component, which the list of uploads leaves out."""
    state = st.session_state.get(_KEY)
    return frozenset(state.shown or ()) if state is not None else frozenset()
