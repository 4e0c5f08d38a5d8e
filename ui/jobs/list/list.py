"""The job list: `time -> id`, searched and filtered, live while a job is open."""

from functools import partial

import streamlit as st

from core.jobs.records import JobFilter, JobState
from core.jobs.search.query import FoundPage, JobFacet, JobQuery
from ui.errors import attempt, last_known, show_old
from ui.jobs.bulk.bar import bulk_bar
from ui.jobs.bulk.whole_list import whole_list
from ui.jobs.detail.neighbours import note_listed
from ui.jobs.list.bulk_selection import clear_selection, selection_token
from ui.jobs.list.queue import queue_actions
from ui.jobs.list.rows import PER_PAGE, Layout, show_rows
from ui.jobs.list.scope import scope_picker
from ui.jobs.list.selection import note_first, select_job, selected_job_id
from ui.jobs.search.collections import board_actions, board_of, collection_titles
from ui.jobs.search.filters import filter_row, is_panel_open, plain_state, search_box
from ui.jobs.search.view import JobsView, clear_filters, current_view, open_view, widget
from ui.jobs.trash.shown import is_trash_shown, trash_switch
from ui.polling import JOBS_SECONDS, poll_while
from ui.state import go_to_requested_page, studio, user
from ui.texts import common
from ui.texts.jobs import jobs as texts
from ui.texts.jobs import search as list_texts
from ui.texts.jobs import trash as trash_texts
from ui.texts.team import sharing as sharing_texts


def job_list() -> None:
    """The filters and the list, which stays up to date while there are open jobs; the plain list
    while the search's index is built."""
    scope = scope_picker()
    status = studio().search.status()
    if not status.is_ready:
        st.info(
            status.problem or list_texts.being_built(status.indexed),
            icon=":material/manage_search:",
        )
        _plain_list(JobFilter(scope=scope, state=plain_state(), in_trash=trash_switch()))
        return
    open_view()
    search_box()
    view = current_view()
    query = view.query(scope, in_trash=is_trash_shown())
    counted = tuple(JobFacet) if is_panel_open() else (JobFacet.STATE,)
    filter_row(view, studio().search.facets(user(), query, counted), collection_titles())
    _list(query)


def _has_open_jobs(*_: object) -> bool:
    return bool(studio().jobs.open(user()))


@poll_while(_has_open_jobs, every=JOBS_SECONDS)
def _list(query: JobQuery) -> None:
    go_to_requested_page()
    view = current_view()
    board = board_of(query)
    query = query.model_copy(update={"placed": board.placed if board else ()})
    page = _found(query, view)
    show_old(studio().jobs.following_problem())
    _header(list_texts.found(page.found or 0))
    queue_actions()
    note_listed([job.id for job in page.jobs])
    _rows(page, query, view.layout)
    pages = -(-(page.found or 0) // PER_PAGE[view.layout])
    if pages > 1:
        st.session_state[widget("page")] = min(view.page, pages)
        st.pagination(pages, key=widget("page"))


def _found(query: JobQuery, view: JobsView) -> FoundPage:
    limit = PER_PAGE[view.layout]

    def read(number: int) -> FoundPage:
        return studio().search.page(user(), query, limit, str((number - 1) * limit))

    page = last_known("jobs.page", (query, view.page, limit), lambda: read(view.page))
    is_beyond = page.found and not page.jobs and view.page > 1
    return read(1) if is_beyond else page


def _header(count: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(count, width="stretch")
        st.button(common.REFRESH, icon=":material/refresh:", key="jobs.refresh", type="tertiary")


def _rows(page: FoundPage, query: JobQuery, layout: Layout) -> None:
    note_first(page.jobs[0].id if page.jobs else "")
    if not page.jobs:
        _empty_list(query)
        return
    actions = st.container(key="job-selection")
    asked = query.model_dump_json(exclude={"placed"})
    answer = show_rows(page.jobs, selected_job_id(), layout, selection_token(asked))
    if answer.selected:
        with actions:
            ids = partial(studio().search.ids, user(), query)
            chosen = whole_list(answer.selected, page.found or 0, asked, ids)
            bulk_bar(chosen, query, clear_selection)
            board_actions(query, page.jobs, answer.selected)
    if answer.star:
        attempt(lambda: studio().job_favourites.toggle(user(), answer.star))
        st.rerun()
    if answer.pick:
        select_job(answer.pick)
        st.rerun()


def _empty_list(query: JobQuery) -> None:
    with st.container(key="empty", horizontal_alignment="center"):
        if query.in_trash:
            st.caption(trash_texts.EMPTY)
        elif query.is_narrowed:
            _no_match(query)
        elif said := sharing_texts.nothing_in(query.scope):
            st.caption(said)
        else:
            st.markdown(f"#### {texts.EMPTY_TITLE}", anchors=False)
            st.caption(texts.EMPTY)
            st.page_link("../pages/generate.py", label=common.GENERATE, icon=":material/brush:")


def _no_match(query: JobQuery) -> None:
    st.markdown(f"#### {list_texts.NO_MATCH_TITLE}", anchors=False)
    is_board = any(query.choices.get(JobFacet.COLLECTION, ()))
    st.caption(list_texts.EMPTY_COLLECTION if is_board else list_texts.NO_MATCH)
    st.button(
        list_texts.CLEAR_FILTERS,
        icon=":material/filter_alt_off:",
        key="jobs.clear",
        on_click=clear_filters,
    )


@poll_while(_has_open_jobs, every=JOBS_SECONDS)
def _plain_list(which: JobFilter) -> None:
    """By the store's own indexes: newest first, by state."""
    go_to_requested_page()
    limit = PER_PAGE[Layout.LIST] * st.session_state.setdefault("jobs.pages", 1)
    page = last_known(
        "jobs.plain", (which, limit), lambda: studio().jobs.page(user(), which, limit)
    )
    show_old(studio().jobs.following_problem())
    _header(texts.count(len(page.jobs), has_more=bool(page.cursor)))
    queue_actions()
    choices = {JobFacet.STATE: (JobState(which.state).value,)} if which.state else {}
    query = JobQuery(scope=which.scope, choices=choices, in_trash=which.in_trash)
    _rows(FoundPage(jobs=page.jobs), query, Layout.LIST)
    if page.cursor and st.button(texts.SHOW_MORE, width="stretch"):
        st.session_state["jobs.pages"] += 1
        st.rerun(scope="fragment")
