"""The uploads, whatever their source: how far each has come, and what can be done with it."""

from typing import Any, Final

import streamlit as st

from core.models.uploads.records import Upload, UploadStage, Wish
from core.team.permissions import Action
from ui.components import mount
from ui.components.sharing_fields import has_others, title_of
from ui.errors import attempt
from ui.models.browser_upload import ids_sent_here
from ui.polling import UPLOADS_SECONDS, poll_while
from ui.state import may, studio, user
from ui.texts.formatting import Tone
from ui.texts.models import adding as texts

_TONES: Final[dict[UploadStage, Tone]] = {
    UploadStage.DONE: "green",
    UploadStage.FAILED: "red",
    UploadStage.WAITING: "gray",
    UploadStage.PAUSED: "gray",
    UploadStage.CANCELLED: "gray",
}
_MOVING: Final = (
    UploadStage.WAITING,
    UploadStage.HASHING,
    UploadStage.UPLOADING,
    UploadStage.VERIFYING,
)


def _is_any_moving() -> bool:
    return any(upload.stage in _MOVING for upload in studio().uploads.list(user()))


@poll_while(_is_any_moving, every=UPLOADS_SECONDS)
def upload_queue() -> None:
    """The uploads that the user may see, the newest first; without those that this tab sends."""
    sent_here = ids_sent_here()
    uploads = [each for each in studio().uploads.list(user()) if each.id not in sent_here]
    with st.container(horizontal=True, vertical_alignment="center", key="upload-head"):
        st.subheader(texts.QUEUE, anchor=False, width="stretch")
        st.button(
            texts.CLEAR_UPLOADS,
            type="tertiary",
            icon=":material/clear_all:",
            key="models.clear",
            on_click=attempt,
            args=(lambda: studio().uploads.clear(user()),),
            disabled=all(upload.active for upload in uploads),
        )
    if not uploads:
        st.caption(texts.NO_UPLOADS)
        return
    asked = mount(
        "models/uploads",
        "models.uploads",
        {"rows": [_row(upload) for upload in uploads], "texts": texts.ASKS},
        on_ask_change=lambda: None,
    ).ask
    if asked:
        attempt(lambda: _do(str(asked["action"]), str(asked["id"])))
        st.rerun()


def _row(upload: Upload) -> dict[str, Any]:
    owner = title_of(upload.owner) if has_others() else ""
    return {
        "id": upload.id,
        "name": upload.name,
        "source": upload.source.type,
        "from": texts.SOURCES[upload.source.type],
        "stage": upload.stage.value,
        "tone": _TONES.get(upload.stage, "blue"),
        "detail": texts.upload_detail(upload, owner),
        "moves": upload.active,
        "fraction": upload.fraction if upload.size else None,
        "message": upload.message,
        "actions": _actions(upload) if may(Action.CHANGE, upload.item) else [],
    }


def _actions(upload: Upload) -> list[str]:
    """What a click can do; a file on somebody's computer goes on when it is dropped again."""
    if upload.source.type == "browser":
        return ["cancel"] if upload.active else []
    if upload.stage is UploadStage.PAUSED or upload.wish is Wish.PAUSE:
        return ["resume", "cancel"]
    if upload.active:
        return ["pause", "cancel"]
    return [] if upload.stage is UploadStage.DONE else ["retry"]


def _do(action: str, upload_id: str) -> None:
    queue = studio().uploads
    ways = {
        "pause": queue.pause,
        "resume": queue.resume,
        "cancel": queue.cancel,
        "retry": queue.retry,
    }
    ways[action](user(), upload_id)
