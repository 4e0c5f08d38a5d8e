"""Makes a job's image the image on the card of a model that the job used."""

from functools import partial

import streamlit as st

from core.jobs.service import JobDetail
from core.models.files import ModelFile
from core.team.permissions import Action
from formats.generation.named_files import named_files
from ui.errors import attempt
from ui.form.models.titles import title_of
from ui.state import may, studio, user
from ui.texts.formatting import escape
from ui.texts.jobs import jobs as texts


def thumbnail_menu(detail: JobDetail, index: int) -> None:
    """A button for each model of the job that the user may change."""
    job_id = detail.job.id
    files = _files(detail)
    if not files:
        return
    with st.popover(texts.USE_AS_THUMBNAIL, icon=":material/add_photo_alternate:"):
        st.caption(texts.USE_AS_THUMBNAIL_ABOUT)
        for file in files:
            st.button(
                texts.thumbnail_of(escape(title_of(file)), file.kind.label),
                key=f"thumbnail.{job_id}.{index}.{file.key}",
                on_click=attempt,
                args=(partial(_use, file, job_id, index),),
            )


def _files(detail: JobDetail) -> list[ModelFile]:
    """The files that the job's request names, each once, and that are still there."""
    names = dict.fromkeys(named_files(detail.request)) if detail.request else {}
    found = (studio().models.find(user(), kind, name) for kind, name in names)
    return [file for file in found if file and may(Action.CHANGE, file.item)]


def _use(file: ModelFile, job_id: str, index: int) -> None:
    studio().models.use_result(user(), file.key, job_id, index)
    st.toast(texts.thumbnail_set(title_of(file)), icon=":material/check:")
