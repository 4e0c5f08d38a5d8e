"""What can be copied of a job: link, infotext, prompt, seed; and whom the link is good for."""

from functools import partial

import streamlit as st

from core.jobs.records import Job
from core.jobs.service import JobDetail
from core.team.permissions import Action, Visibility
from ui.components import mount
from ui.components.sharing_fields import has_others
from ui.errors import attempt
from ui.state import may, studio, user
from ui.texts.jobs import detail as texts


def copy_bar(detail: JobDetail, index: int) -> None:
    """A button for each; the image's own infotext and seed where it is there."""
    items = [{"label": texts.COPY_LINK, "path": f"?job={detail.job.id}"}]
    items += [
        {"label": label, "text": text} for label, text in _texts(detail, index).items() if text
    ]
    mount("jobs/copy_texts", "copy", {"items": items, "texts": texts.COPY})
    if has_others() and may(Action.SHARE, detail.job.item):
        _who_can_open(detail.job)


def _texts(detail: JobDetail, index: int) -> dict[str, str]:
    images = detail.result.pictures if detail.result else ()
    shown = images[index] if index < len(images) else None
    request = detail.request
    infotext = "\n".join(filter(None, (shown.infotext, shown.postprocessing))) if shown else ""
    seed = shown.seed if shown else request and request.seed
    return {
        texts.COPY_INFOTEXT: infotext,
        texts.COPY_PROMPT: request.prompt if request else detail.job.prompt,
        texts.COPY_SEED: "" if seed is None else str(seed),
    }


def _who_can_open(job: Job) -> None:
    """Whom the link is good for, and one step to the whole team."""
    if job.visibility is Visibility.TEAM:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(texts.ONLY_SOME if job.shared_with else texts.ONLY_YOU, width="content")
        st.button(
            texts.SHOW_TEAM,
            key=f"show_team.{job.id}",
            type="tertiary",
            icon=":material/group:",
            on_click=attempt,
            args=(partial(studio().jobs.share, user(), job.id, Visibility.TEAM),),
        )
