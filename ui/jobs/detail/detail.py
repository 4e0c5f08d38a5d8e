"""Everything known of the selected job: images, prompt, parameters, times."""

import html

import streamlit as st

from core.jobs.records import JobState
from core.jobs.service import JobDetail
from ui.errors import show_notice
from ui.jobs.detail.applied import applied_parts
from ui.jobs.detail.comparing.choice import note_viewed
from ui.jobs.detail.container_log import container_log
from ui.jobs.detail.copying import copy_bar
from ui.jobs.detail.parameter_table import parameter_rows
from ui.jobs.detail.template import template
from ui.jobs.detail.timeline import stage_timeline
from ui.jobs.detail.view import job_view, private_job
from ui.jobs.list.selection import find_selected, is_selected, is_selection_pending, select_job
from ui.jobs.trash.moving import undo_bar
from ui.state import go_to_requested_page, studio, user
from ui.texts import costs as cost_texts
from ui.texts import formatting
from ui.texts.jobs import jobs as texts


@st.fragment
def job_detail() -> None:
    """The selected job; nothing where there are no jobs."""
    go_to_requested_page()
    if is_selection_pending():
        st.rerun()  # the list has it too
    show_notice()
    undo_bar()
    if is_selected():
        with st.container(key="back"):
            if st.button(texts.ALL_JOBS, icon=":material/arrow_back:", type="tertiary"):
                select_job("")
                st.rerun()
    job = find_selected()
    if job is None:
        return
    if job.is_redacted:
        private_job(job)
        return
    note_viewed(job.id)
    shown = job_view(job, may_compare=True)
    detail = shown.detail
    copy_bar(detail, shown.index)
    st.markdown(f"##### {texts.PROMPT}", anchors=False)
    _text(detail.request.prompt if detail.request else job.prompt)
    if detail.request and detail.request.negative_prompt:
        st.markdown(f"##### {texts.NEGATIVE_PROMPT}", anchors=False)
        _text(detail.request.negative_prompt)
    template(detail.request)
    _maps(detail)
    st.markdown(f"##### {texts.PARAMETERS}", anchors=False)
    _table(parameter_rows(detail, _cost(detail)))
    applied_parts(detail)
    stage_timeline(detail)
    if job.state is not JobState.FAILED:  # there it stands beside the reason
        container_log(job)
    if detail.result and detail.result.pictures:
        with st.expander(texts.INFOTEXT):
            first = detail.result.pictures[0]
            for text in filter(None, (first.infotext, first.postprocessing)):
                st.code(text, language=None, wrap_lines=True)


def _cost(detail: JobDetail) -> str:
    """Empty where no instance worked on it, or an older version did not keep of which type."""
    job, result, costs = detail.job, detail.result, studio().costs
    if result is None or not job.instance_type:
        return ""
    if costs.is_free:
        return cost_texts.FREE
    return cost_texts.job_cost(costs.job(job.instance_type, result))


def _text(text: str) -> None:
    st.markdown(formatting.escape(text) or texts.EMPTY_PROMPT)


def _maps(detail: JobDetail) -> None:
    if detail.result is None or not detail.result.maps:
        return
    units = detail.request.controlnets if detail.request else ()
    title = texts.OPENPOSE_MAP if all(unit.pose for unit in units) else texts.CONTROL_MAPS
    st.markdown(f"##### {title}", anchors=False)
    urls = (
        studio().urls(user()).map(detail.job.id, unit, detail.job.bucket)
        for unit in range(detail.result.maps)
    )
    alt = html.escape(texts.MAP_ALT)
    # Not st.image: it takes an address without a host for a file of the server.
    st.html("".join(f"<img class='map' src='{html.escape(url)}' alt='{alt}'>" for url in urls))


def _table(rows: list[tuple[str, str]]) -> None:
    """A real HTML table; names in it may hold any character."""
    lines = "".join(
        f"<tr><th scope='row'>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>"
        for name, value in rows
    )
    st.html(f"<table class='parameters'>{lines}</table>")
