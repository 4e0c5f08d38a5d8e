"""The library as a whole: filters, a page of the models that fit, and the one that is open."""

import streamlit as st

from core.models.files import ModelFile
from core.models.metadata.facets import Marks, in_order, narrowed, page_of
from ui.errors import show_old
from ui.models.detail.drawer import model_drawer
from ui.models.library import cards, table
from ui.models.library.filters import facet_rows, search_row
from ui.models.library.marks import current_marks
from ui.models.library.view import (
    Layout,
    LibraryView,
    clear_filters,
    current_view,
    open_view,
    opened_model,
    widget,
)
from ui.models.trash import undo_bar
from ui.state import studio, user
from ui.texts.formatting import file_size
from ui.texts.models import library as texts


def model_library() -> None:
    """What of the library the view lets through, and the details of the one that is open."""
    open_view()
    undo_bar()
    refresh = search_row()
    files = studio().models.list(user(), refresh=refresh)
    view, marks = current_view(), current_marks()
    facet_rows(files, view, marks)
    show_old(studio().models.listing_problem())
    found = in_order(narrowed(files, view.search, view.facets, marks), view.order)
    if not files:
        _empty_library()
    elif not found:
        _no_match()
    else:
        _page(found, len(files), view, marks)
    if key := opened_model():
        model_drawer(next((file for file in files if file.key == key), None))


def _page(found: list[ModelFile], total: int, view: LibraryView, marks: Marks) -> None:
    st.caption(texts.count(len(found), total, file_size(sum(file.size for file in found))))
    is_cards = view.layout is Layout.CARDS
    page = page_of(len(found), view.page, cards.PER_PAGE if is_cards else table.PER_PAGE)
    shown = found[page.start : page.end]
    if is_cards:
        cards.model_cards(shown, marks.favourites)
    else:
        table.model_table(shown, marks.favourites)
    if page.pages > 1:
        st.session_state[widget("page")] = page.number
        st.pagination(page.pages, key=widget("page"))


def _empty_library() -> None:
    with st.container(key="empty", horizontal_alignment="center"):
        st.markdown(f"#### {texts.EMPTY_TITLE}", anchors=False)
        st.caption(texts.EMPTY)


def _no_match() -> None:
    with st.container(key="empty", horizontal_alignment="center"):
        st.markdown(f"#### {texts.NO_MATCH_TITLE}", anchors=False)
        st.caption(texts.NO_MATCH)
        st.button(
            texts.CLEAR_FILTERS,
            icon=":material/filter_alt_off:",
            key=widget("clear"),
            on_click=clear_filters,
        )
