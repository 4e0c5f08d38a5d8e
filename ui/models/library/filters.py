"""What narrows the library down: search, facets with their counts, order and layout."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Final

import streamlit as st

from core.models.service import ModelFile
from formats.models.kinds import ModelKind
from ui.models.library.view import FACETS, Layout, LibraryView, Order, widget
from ui.texts import common
from ui.texts.models import library as texts

_VALUES: Final[Mapping[str, Callable[[ModelFile], str]]] = {
    "kind": lambda file: file.kind.value,
    "family": lambda file: file.family.value,
}
_ORDERS: Final[Mapping[Order, Callable[[ModelFile], tuple[object, ...]]]] = {
    Order.NAME: lambda file: (file.name.lower(),),
    Order.NEWEST: lambda file: (-file.modified.timestamp(),),
    Order.SIZE: lambda file: (-file.size,),
}


def search_row() -> bool:
    """Search, order, layout. Returns whether the list shall be read from S3 again."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="model-search"):
        st.text_input(
            texts.SEARCH,
            key=widget("search"),
            placeholder=texts.SEARCH_PLACEHOLDER,
            icon=":material/search:",
            type="search",
        )
        st.selectbox(
            texts.ORDER, list(Order), key=widget("sort"), width=170, format_func=texts.ORDERS.get
        )
        st.segmented_control(
            texts.LAYOUT,
            list(Layout),
            key=widget("view"),
            required=True,
            format_func=texts.LAYOUTS.get,
        )
        return st.button(
            common.REFRESH,
            icon=":material/refresh:",
            help=texts.REFRESH_HELP,
            key=widget("refresh"),
        )


def facet_rows(files: Sequence[ModelFile], view: LibraryView) -> None:
    """The values that the files have, each with how many of them everything else lets through.

    One without any stays: what is to be clicked next must not jump.
    """
    for name in FACETS:
        others = {each: values for each, values in view.facets.items() if each != name}
        counts = dict.fromkeys(map(_VALUES[name], files), 0)
        for file in matching(files, view.model_copy(update={"facets": others})):
            counts[_VALUES[name](file)] += 1
        chosen = view.facets.get(name, ())
        if len(counts) > 1 or chosen:
            st.pills(
                texts.FACETS[name],
                _in_order(name, {*counts, *chosen}),
                key=widget(name),
                selection_mode="multi",
                label_visibility="collapsed",
                format_func=partial(_label, name, counts),
            )


def matching(files: Iterable[ModelFile], view: LibraryView) -> list[ModelFile]:
    """The files that search and facets let through, in order."""
    word = view.search.lower()
    found = [file for file in files if _matches(file, word, view.facets)]
    return sorted(found, key=_ORDERS[view.order])


def _matches(file: ModelFile, word: str, facets: Mapping[str, Sequence[str]]) -> bool:
    if word not in f"{file.name} {file.family}".lower():
        return False
    return all(_VALUES[name](file) in values for name, values in facets.items())


def _in_order(name: str, values: Iterable[str]) -> list[str]:
    if name == "kind":
        return [kind.value for kind in ModelKind if kind in values]
    return sorted(values)


def _label(name: str, counts: Mapping[str, int], value: str) -> str:
    word = ModelKind(value).label if name == "kind" else value
    return texts.facet(word, counts.get(value, 0))
