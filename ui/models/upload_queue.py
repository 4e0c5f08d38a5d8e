"""The uploads, whatever their source: how far each has come, and what can be done with it."""

from typing import Final

import streamlit as st

from core.models.uploads.queue import Upload, UploadStage
from core.team.permissions import Action
from ui.errors import attempt
from ui.polling import UPLOADS_SECONDS, poll_while
from ui.state import may, studio, user
from ui.texts.formatting import escape
from ui.texts.models import adding as texts

_MARKS: Final = {
    UploadStage.DONE: ":green[:material/check:]",
    UploadStage.FAILED: ":red[:material/close:]",
    UploadStage.CANCELLED: ":material/block:",
}


def _is_any_active() -> bool:
    return any(upload.active for upload in studio().uploads.list(user()))


@poll_while(_is_any_active, every=UPLOADS_SECONDS)
def upload_queue() -> None:
    """The uploads that the user may see, the newest first."""
    uploads = studio().uploads.list(user())
    for upload in uploads:
        _upload(upload)
    if uploads and not any(upload.active for upload in uploads):
        st.button(
            texts.CLEAR_UPLOADS,
            type="tertiary",
            icon=":material/clear_all:",
            on_click=studio().uploads.clear,
            args=(user(),),
        )


def _upload(upload: Upload) -> None:
    if not upload.active:
        st.caption(f"{_MARKS[upload.stage]} {texts.upload_progress(upload)}")
    else:
        with st.container(horizontal=True, vertical_alignment="center", key=f"upload-{upload.id}"):
            st.progress(upload.fraction, text=texts.upload_progress(upload))
            st.button(
                texts.STOP,
                icon=":material/close:",
                key=f"stop.{upload.id}",
                help=texts.STOP_HELP,
                on_click=attempt,
                args=(lambda: studio().uploads.cancel(user(), upload.id),),
                disabled=not may(Action.CHANGE, upload.item),
            )
    if upload.stage is UploadStage.FAILED:
        st.error(escape(upload.message))
