"""What narrows the library down: search, facets with their counts, order and layout."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

import streamlit as st

from core.models.files import ModelFile
from core.models.metadata.facets import Facet, Marks, ModelOrder, facets
from core.models.metadata.search import MAX_QUERY
from formats.models.kinds import ModelKind
from ui.components.sharing_fields import has_others, title_of
from ui.models.library.view import Layout, LibraryView, widget
from ui.texts import common
from ui.texts.models import library as texts

_IN_SIGHT: Final = (Facet.KIND, Facet.FAMILY)
_LISTS: Final = (Facet.TAG, Facet.OWNER)
"""Facets that may have any number of values."""
_SWITCHES: Final = (Facet.FAVOURITE, Facet.IN_USE, Facet.PROBLEM)
"""Those with one value, which is named like the facet."""


def search_row() -> bool:
    """Search, order, layout. Returns whether the list shall be read from AWS again."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="model-search"):
        st.text_input(
            texts.SEARCH,
            key=widget("search"),
            max_chars=MAX_QUERY,
            placeholder=texts.SEARCH_PLACEHOLDER,
            help=texts.SEARCH_HELP,
            icon=":material/search:",
            type="search",
        )
        st.selectbox(
            texts.ORDER,
            list(ModelOrder),
            key=widget("sort"),
            width=170,
            format_func=texts.ORDERS.__getitem__,
        )
        st.segmented_control(
            texts.LAYOUT,
            list(Layout),
            key=widget("view"),
            required=True,
            format_func=texts.LAYOUTS.__getitem__,
            label_visibility="collapsed",
        )
        return st.button(
            common.REFRESH,
            icon=":material/refresh:",
            help=texts.REFRESH_HELP,
            key=widget("refresh"),
        )


def facet_rows(files: Sequence[ModelFile], view: LibraryView, marks: Marks) -> None:
    """The values that the files have, each with how many of them everything else lets through.

    One without any stays: what is to be clicked next must not jump.
    """
    counts = facets(files, view.search, view.facets, marks)
    with st.container(horizontal=True, vertical_alignment="center", key="model-facets"):
        for facet in _IN_SIGHT:
            if len(counts[facet]) > 1 or view.facets.get(facet):
                _pills(facet, counts[facet], is_labelled=False)
        others = [each for each in Facet if each not in _IN_SIGHT and counts[each]]
        if not has_others() and Facet.OWNER in others and not view.facets.get(Facet.OWNER):
            others.remove(Facet.OWNER)
        if not others:
            return
        chosen = sum(len(view.facets.get(facet, ())) for facet in others)
        with st.popover(texts.more_filters(chosen), icon=":material/filter_list:"):
            for facet in others:
                if facet in _LISTS:
                    _list(facet, counts[facet])
                else:
                    _pills(facet, counts[facet], is_labelled=facet not in _SWITCHES)


def _pills(facet: Facet, counts: Mapping[str, int], *, is_labelled: bool) -> None:
    st.pills(
        texts.FACETS[facet],
        _in_order(facet, counts),
        key=widget(facet),
        selection_mode="multi",
        label_visibility="visible" if is_labelled else "collapsed",
        wrap=True,
        format_func=partial(_label, facet, counts),
    )


def _list(facet: Facet, counts: Mapping[str, int]) -> None:
    st.multiselect(
        texts.FACETS[facet],
        _in_order(facet, counts),
        key=widget(facet),
        format_func=partial(_label, facet, counts),
    )


def _in_order(facet: Facet, counts: Mapping[str, int]) -> list[str]:
    if facet is Facet.KIND:
        return [kind.value for kind in ModelKind if kind.value in counts]
    if facet in _LISTS:
        return sorted(counts, key=lambda value: (-counts[value], value))
    return sorted(counts)


def _label(facet: Facet, counts: Mapping[str, int], value: str) -> str:
    word = value
    if facet is Facet.KIND:
        word = ModelKind(value).label
    elif facet is Facet.OWNER:
        word = title_of(value)
    elif facet in _SWITCHES:
        word = texts.FACETS[facet]
    return texts.facet(word, counts.get(value, 0))
