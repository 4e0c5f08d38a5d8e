"""What of the library is shown, and how: it stands in the address, so that a link opens the same.

`/models?q=style&kind=Lora&sort=size&view=table&page=2`; `model` names the one that is open.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import streamlit as st

from core.models.metadata.facets import Facet, ModelOrder
from core.models.metadata.search import MAX_QUERY
from formats.frozen import Frozen
from ui.form.storage import form_storage
from ui.state import begins_visit, number_in_address, session_value, user

_OPEN: Final = "model"
_SEARCH: Final = "q"
_SHOWN: Final = "library.shown"
_VISIT: Final = "library.visit"
_LAYOUT: Final = "layout"


class Layout(StrEnum):
    """How the models are laid out; the value stands in the address."""

    CARDS = "cards"
    TABLE = "table"


class LibraryView(Frozen):
    """Search, facets, order, layout and page."""

    search: str = ""
    facets: Mapping[Facet, tuple[str, ...]] = {}
    """The chosen values; only of those facets that have a choice."""
    order: ModelOrder = ModelOrder.NAME
    layout: Layout = Layout.CARDS
    page: int = 1

    @property
    def is_narrowed(self) -> bool:
        """Whether it may show fewer than all models."""
        return bool(self.search or self.facets)


def widget(name: str) -> str:
    """The session key of a part's widget."""
    return f"library.{name}"


def open_view() -> None:
    """Fill the widgets where the address says another view than they do: a link, a reload, back.

    Who comes from another page finds the view that they left.
    """
    asked, shown = _of_address(), session_value(_SHOWN, LibraryView)
    is_entered = begins_visit(_VISIT)
    if is_entered and shown is not None and not _has_view():
        asked = shown
    if is_entered or shown is None or asked != shown:
        _fill(asked)


def current_view() -> LibraryView:
    """The view by the widgets; the address follows."""
    state = st.session_state
    chosen = {name: tuple(state.get(widget(name)) or ()) for name in Facet}
    view = LibraryView(
        search=(state.get(widget("search")) or "").strip(),
        facets={name: values for name, values in chosen.items() if values},
        order=state.get(widget("sort")) or ModelOrder.NAME,
        layout=state.get(widget("view")) or Layout.CARDS,
        page=state.get(widget("page"), 1),
    )
    before = session_value(_SHOWN, LibraryView)
    if before is not None and before.model_copy(update={"page": view.page}) != view:
        view = view.model_copy(update={"page": 1})
        state[widget("page")] = 1
    if before is not None and before.layout is not view.layout:
        form_storage().keep_file(user(), "models", _LAYOUT, view.layout.value.encode())
    state[_SHOWN] = view
    _write_address(view)
    return view


def clear_filters() -> None:
    """From a callback: show all models again."""
    for name in Facet:
        st.session_state[widget(name)] = []
    st.session_state[widget("search")] = ""


def opened_model() -> str:
    """The key of the model whose details are shown; empty for none."""
    return str(st.query_params.get(_OPEN, ""))


def open_model(key: str = "") -> None:
    """Show the details of the model with this key; an empty one closes them."""
    # An empty value, not none: the browser keeps its address where no parameter is left.
    st.query_params[_OPEN] = key


def _has_view() -> bool:
    return any(name != _OPEN for name in st.query_params)


def _of_address() -> LibraryView:
    query = st.query_params
    facets = {name: tuple(query.get_all(name)) for name in Facet if query.get_all(name)}
    return LibraryView(
        search=query.get(_SEARCH, "").strip()[:MAX_QUERY],
        facets=facets,
        order=_one_of(ModelOrder, query.get("sort"), ModelOrder.NAME),
        layout=_one_of(Layout, query.get("view"), _kept_layout()),
        page=max(1, number_in_address("page", 6) or 1),
    )


def _one_of(kinds: type[Any], value: str | None, otherwise: Any) -> Any:
    return next((each for each in kinds if each.value == value), otherwise)


def _kept_layout() -> Layout:
    """What this person chose last, in any session."""
    if shown := session_value(_SHOWN, LibraryView):
        return shown.layout
    kept = form_storage().file(user(), "models", _LAYOUT) or b""
    return Layout.TABLE if kept == b"table" else Layout.CARDS


def _fill(view: LibraryView) -> None:
    state = st.session_state
    for name in Facet:
        state[widget(name)] = list(view.facets.get(name, ()))
    state[widget("search")] = view.search
    state[widget("sort")] = view.order
    state[widget("view")] = view.layout
    state[widget("page")] = view.page
    state[_SHOWN] = view


def _write_address(view: LibraryView) -> None:
    if _of_address() == view:
        return
    address: dict[str, str | Sequence[str]] = {
        facet.value: values for facet, values in view.facets.items()
    }
    address |= {_SEARCH: view.search, "view": view.layout.value}
    if view.order is not ModelOrder.NAME:
        address["sort"] = view.order.value
    if view.page > 1:
        address["page"] = str(view.page)
    if opened := opened_model():
        address[_OPEN] = opened
    st.query_params.from_dict(address)
