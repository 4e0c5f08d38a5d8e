"""What narrows the list of jobs down: search, facets with their counts, days, pose score, order."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

import streamlit as st

from core.jobs.records import JobOrder, JobState
from core.jobs.search.query import MAX_TEXT, JobFacet, JobFacets
from ui.components.sharing_fields import has_others, title_of
from ui.jobs.list.rows import Layout
from ui.jobs.search.view import JobsView, clear_filters, draw_with, widget
from ui.jobs.trash.shown import trash_switch
from ui.texts.jobs import jobs as job_texts
from ui.texts.jobs import search as texts

_IN_POPOVER: Final = tuple(facet for facet in JobFacet if facet is not JobFacet.STATE)
_PANEL: Final = "jobs.filters.open"


def is_panel_open() -> bool:
    """Whether the filters behind the button are drawn, whose values have to be counted."""
    panel = st.session_state.get(_PANEL)
    return bool(getattr(panel, "open", panel))


def search_box() -> None:
    """The full text, on a line of its own."""
    st.text_input(
        texts.SEARCH,
        key=widget("text"),
        max_chars=MAX_TEXT,
        placeholder=texts.SEARCH_PLACEHOLDER,
        help=texts.SEARCH_HELP,
        icon=":material/search:",
        type="search",
        label_visibility="collapsed",
    )


def plain_state() -> JobState | None:
    """The one filter of the list by the store's own indexes."""
    return st.segmented_control(
        job_texts.STATE,
        list(JobState),
        key="jobs.plain.state",
        format_func=lambda state: state.value,
        label_visibility="collapsed",
    )


def order_and_layout() -> None:
    """Which job stands first, and how they are laid out."""
    st.segmented_control(
        job_texts.ORDER,
        list(JobOrder),
        key=widget("order"),
        required=True,
        label_visibility="collapsed",
        format_func=lambda order: order.value,
    )
    st.segmented_control(
        texts.LAYOUT,
        list(Layout),
        key=widget("view"),
        required=True,
        label_visibility="collapsed",
        format_func=lambda layout: texts.LAYOUTS[layout],
    )


def filter_row(view: JobsView, facets: JobFacets, collections: Mapping[str, str]) -> None:
    """The states in sight, favourites, and the rest behind one button. A value that is chosen stays
    where nothing of it is left, so that what is to be clicked next does not jump."""
    state = JobFacet.STATE
    st.pills(
        job_texts.STATE,
        [each.value for each in JobState],
        key=widget(state),
        selection_mode="multi",
        label_visibility="collapsed",
        format_func=partial(_label, facets, state, {}),
    )
    with st.container(horizontal=True, vertical_alignment="center", key="job-filters"):
        panel = st.popover(
            texts.more_filters(_chosen(view)),
            icon=":material/filter_list:",
            key=_PANEL,
            on_change="rerun",
        )
        if panel.open:
            with panel:
                _more(view, facets, collections)
        st.toggle(texts.favourites(facets.favourites), key=widget("favourites"))
        trash_switch()
    with st.container(horizontal=True, vertical_alignment="center", key="job-order"):
        order_and_layout()


def _more(view: JobsView, facets: JobFacets, collections: Mapping[str, str]) -> None:
    """What is drawn while the panel is open alone."""
    for facet in _IN_POPOVER:
        chosen = view.choices.get(facet, ())
        values = {*facets.counts.get(facet, {}), *chosen}
        if facet is JobFacet.COLLECTION:
            values &= {*collections, *chosen}
        if not values or (facet is JobFacet.OWNER and not has_others() and not chosen):
            continue
        st.multiselect(
            texts.FACETS[facet],
            _most_first(values, facets.counts.get(facet, {})),
            key=draw_with(facet, list(chosen)),
            format_func=partial(_label, facets, facet, collections),
        )
    _days_and_score(view)
    st.button(
        texts.CLEAR_FILTERS,
        icon=":material/filter_alt_off:",
        key="jobs.clear.more",
        on_click=clear_filters,
    )


def _days_and_score(view: JobsView) -> None:
    first, last = st.columns(2)
    first.date_input(
        texts.FIRST_DAY, key=draw_with("from", view.first_day), format="YYYY-MM-DD", value=None
    )
    last.date_input(
        texts.LAST_DAY, key=draw_with("to", view.last_day), format="YYYY-MM-DD", value=None
    )
    st.slider(
        job_texts.MIN_SCORE,
        0.0,
        0.95,
        step=0.05,
        key=draw_with("least", view.min_pose_score),
        help=job_texts.MIN_SCORE_HELP,
    )


def _most_first(values: Iterable[str], counts: Mapping[str, int]) -> list[str]:
    return sorted(values, key=lambda value: (-counts.get(value, 0), value))


def _chosen(view: JobsView) -> int:
    facets = sum(len(view.choices.get(facet, ())) for facet in _IN_POPOVER)
    return facets + sum(map(bool, (view.first_day, view.last_day, view.min_pose_score)))


def _label(facets: JobFacets, facet: JobFacet, titles: Mapping[str, str], value: str) -> str:
    word = value.removesuffix(".safetensors")
    if facet is JobFacet.OWNER:
        word = title_of(value)
    elif facet is JobFacet.COLLECTION:
        word = titles.get(value, texts.GONE)
    return texts.facet(word, facets.counts.get(facet, {}).get(value, 0))
