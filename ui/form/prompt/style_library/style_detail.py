"""One style: its words to change, who sees it, what it was before, which jobs used it."""

import html
from functools import partial
from typing import Final

import streamlit as st

from core.errors import ContrappostoError
from core.prompts.service import TeamStyle
from core.team.permissions import Action
from formats.limits import MAX_STYLE_NAME
from ui.components.sharing_fields import (
    chosen_sharing,
    fill_sharing,
    has_others,
    sharing_fields,
    title_of,
)
from ui.errors import attempt, messages_of, show_at, show_rest
from ui.form.prompt.style_library.style_list import preview
from ui.form.prompt.style_library.trash import delete_style
from ui.state import may, session_value, studio, user
from ui.texts.form import style_library as texts
from ui.texts.formatting import date_time, escape

_FIELDS: Final = ("name", "prompt", "negative_prompt", "note")
_PROBLEMS: Final = "styles.edit.problems"
_FILLED: Final = "styles.edit.of"
"""The style and its save that the fields were filled from."""
_JOBS: Final = 6


def style_detail(style: TeamStyle) -> None:
    """All that is known of it, and what the user may do with it."""
    uses = studio().prompts.styles.uses(user(), style.id)
    preview(style, 256)
    owner = title_of(style.owner) if has_others() else ""
    st.caption(texts.about(owner, style.revision, date_time(style.updated_at), uses.jobs))
    if may(Action.CHANGE, style.item):
        _edit(style)
    else:
        _read(style)
    if has_others() and may(Action.SHARE, style.item):
        _sharing(style)
    _versions(style)
    _jobs(style, uses.recent_jobs)
    if may(Action.DELETE, style.item):
        st.button(
            texts.DELETE,
            icon=":material/delete:",
            key="styles.delete",
            on_click=attempt,
            args=(partial(delete_style, style),),
        )


def _key(field: str) -> str:
    return f"styles.edit.{field}"


def _edit(style: TeamStyle) -> None:
    """What was typed stays until it is saved; another save of the style fills the fields anew."""
    if st.session_state.get(_FILLED) != (style.id, style.revision):
        st.session_state[_FILLED] = (style.id, style.revision)
        st.session_state[_PROBLEMS] = {}
        for field in _FIELDS:
            st.session_state[_key(field)] = getattr(style, field)
    problems = session_value(_PROBLEMS, dict, {})
    st.text_input(texts.NAME, key=_key("name"), max_chars=MAX_STYLE_NAME)
    show_at(problems, "name")
    for field, label in (("prompt", texts.PROMPT), ("negative_prompt", texts.NEGATIVE)):
        st.text_area(label, key=_key(field), height=96)
        show_at(problems, field)
    st.text_input(texts.NOTE, key=_key("note"))
    show_at(problems, "note")
    show_rest(problems, *_FIELDS)
    is_asked = st.button(
        texts.SAVE, type="primary", key=_key("save"), on_click=_save, args=(style,)
    )
    if is_asked and not st.session_state[_PROBLEMS]:
        st.toast(texts.SAVED, icon=":material/check:")


def _save(style: TeamStyle) -> None:
    written = {field: session_value(_key(field), str, "") for field in _FIELDS}
    try:
        studio().prompts.styles.update(user(), style, **written)
    except ContrappostoError as error:
        st.session_state[_PROBLEMS] = messages_of(error)
    else:
        st.session_state[_PROBLEMS] = {}


def _read(style: TeamStyle) -> None:
    st.markdown(f"**{escape(style.name)}**")
    for label, text in ((texts.PROMPT, style.prompt), (texts.NEGATIVE, style.negative_prompt)):
        if text:
            st.caption(label)
            st.code(text, language=None, wrap_lines=True)
    st.markdown(escape(style.note))
    st.caption(texts.READ_ONLY)


def _sharing(style: TeamStyle) -> None:
    filled = "styles.sharing.of"
    with st.expander(texts.SHARING, icon=":material/group:"):
        if st.session_state.get(filled) != style.id or "share.visibility" not in st.session_state:
            st.session_state[filled] = style.id
            fill_sharing(style.visibility, style.shared_with)
        sharing_fields()
        st.button(
            texts.SHARE, key="styles.share", on_click=attempt, args=(partial(_share, style.id),)
        )


def _share(style_id: str) -> None:
    studio().prompts.styles.share(user(), style_id, *chosen_sharing())


def _versions(style: TeamStyle) -> None:
    versions = studio().prompts.styles.versions(user(), style.id) if style.revision > 1 else ()
    if not versions:
        return
    with st.expander(texts.VERSIONS, icon=":material/history:"):
        for former in versions:
            who = title_of(former.updated_by) if has_others() else ""
            st.markdown(texts.version(former.revision, date_time(former.updated_at), who))
            st.code(
                "\n".join(filter(None, (former.prompt, former.negative_prompt))),
                language=None,
                wrap_lines=True,
            )
            if may(Action.CHANGE, style.item):
                restore = partial(
                    studio().prompts.styles.restore_version, user(), style.id, former.revision
                )
                st.button(
                    texts.RESTORE_VERSION,
                    key=f"styles.version.{former.revision}",
                    on_click=attempt,
                    args=(restore,),
                )


def _jobs(style: TeamStyle, recent: tuple[str, ...]) -> None:
    with st.expander(texts.JOBS, icon=":material/photo_library:"):
        if not recent:
            st.caption(texts.NO_JOBS)
        for job_id in recent[:_JOBS]:
            with st.container(horizontal=True, vertical_alignment="center"):
                _job(style, job_id)


def _job(style: TeamStyle, job_id: str) -> None:
    """Its image, the way to it, and the button that makes the image the style's."""
    try:
        job = studio().jobs.get(user(), job_id)
    except ContrappostoError:  # deleted, or not shared any more, since the list was read
        return
    if job.image_count:
        source = html.escape(studio().urls(user()).thumbnail(job.id, 0, job.bucket), quote=True)
        st.html(f"<img src='{source}' width='64' alt='{texts.PREVIEW_ALT}'>", width=64)
    st.page_link("../pages/jobs.py", label=job.id, query_params={"job": job.id})
    if job.image_count and may(Action.CHANGE, style.item):
        use = partial(studio().prompts.styles.use_result, user(), style.id, job.id, 0)
        st.button(
            texts.USE_IMAGE,
            icon=":material/image:",
            key=f"styles.preview.{job.id}",
            on_click=attempt,
            args=(use,),
        )
