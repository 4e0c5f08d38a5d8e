"""What of the jobs is shown, and how: it stands in the address, so that a link opens the same.

`/jobs?q=cat+-black&state=failed&model=dream.safetensors&from=2026-11-01&view=gallery&page=2`; the
scope, the trash and the job that is open stand there too.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import streamlit as st

from core.jobs.records import JobOrder, JobScope, JobState
from core.jobs.search.query import MAX_TEXT, JobFacet, JobQuery
from formats.frozen import Frozen
from ui.jobs.list.rows import Layout
from ui.state import begins_visit, number_in_address, session_value

_SHOWN: Final = "jobs.shown"
_VISIT: Final = "jobs.visit"
_ORDERS: Final = {"newest": JobOrder.NEWEST, "pose": JobOrder.POSE_SCORE}
_TEXT, _FROM, _TO, _LEAST, _STARRED = "q", "from", "to", "score", "starred"
_ORDER, _VIEW, _PAGE = "sort", "view", "page"


class JobsView(Frozen):
    """Search, facets, order, layout and page."""

    text: str = ""
    choices: Mapping[JobFacet, tuple[str, ...]] = {}
    first_day: date | None = None
    last_day: date | None = None
    min_pose_score: float = 0
    favourites: bool = False
    order: JobOrder = JobOrder.NEWEST
    layout: Layout = Layout.LIST
    page: int = 1

    def query(self, scope: JobScope, *, in_trash: bool) -> JobQuery:
        """What the search is asked for."""
        return JobQuery(
            scope=scope,
            text=self.text,
            choices=self.choices,
            first_day=self.first_day,
            last_day=self.last_day,
            min_pose_score=self.min_pose_score or None,
            favourites=self.favourites,
            in_trash=in_trash,
            order=self.order,
        )


def widget(name: str) -> str:
    """The session key of a part's widget."""
    return f"jobs.{name}"


def open_view() -> None:
    """Fill the widgets where the address says another view than they do: a link, a reload, back.

    Who comes from another page finds the view that they left.
    """
    asked, shown = _of_address(), session_value(_SHOWN, JobsView)
    is_entered = begins_visit(_VISIT)
    if is_entered and shown is not None and asked == JobsView():
        asked = shown
    if is_entered or shown is None or asked != shown:
        _fill(asked)


def current_view() -> JobsView:
    """The view by the widgets; the address follows."""
    before = session_value(_SHOWN, JobsView)
    view = _of_widgets(before or JobsView())
    if before is not None and before.model_copy(update={"page": view.page}) != view:
        view = view.model_copy(update={"page": 1})
        st.session_state[widget("page")] = 1
    st.session_state[_SHOWN] = view
    _write_address(view)
    return view


def _of_widgets(before: JobsView) -> JobsView:
    """What is not drawn now, since it is behind a button, is as it was."""
    state = st.session_state

    def kept(name: str, value: Any) -> Any:
        return state.get(widget(name), value)

    chosen = {facet: tuple(kept(facet, before.choices.get(facet, ())) or ()) for facet in JobFacet}
    return JobsView(
        text=kept("text", before.text).strip()[:MAX_TEXT],
        choices={facet: values for facet, values in chosen.items() if values},
        first_day=kept("from", before.first_day),
        last_day=kept("to", before.last_day),
        min_pose_score=kept("least", before.min_pose_score),
        favourites=kept("favourites", before.favourites),
        order=kept("order", before.order),
        layout=kept("view", before.layout),
        page=kept("page", before.page) or 1,
    )


def draw_with(name: str, value: object) -> str:
    """The key of a widget that was not drawn in the last run, which begins with a value."""
    st.session_state.setdefault(widget(name), value)
    return widget(name)


def chosen_collections() -> list[str]:
    """Those that the address names; it follows the filters."""
    return [each for each in st.query_params.get_all(JobFacet.COLLECTION) if each]


def clear_filters() -> None:
    """From a callback: show all jobs of the scope again."""
    shown = session_value(_SHOWN, JobsView, JobsView())
    _set_widgets(JobsView(layout=shown.layout, order=shown.order))


def show_collection(collection_id: str, *, at_once: bool = False) -> None:
    """Show the jobs of a collection alone at the next run; of none with an empty id. `at_once` is
    for a callback, which may change a widget."""
    key = widget(JobFacet.COLLECTION)
    if at_once:
        st.session_state[key] = []
    else:
        st.query_params[JobFacet.COLLECTION] = collection_id


def _of_address() -> JobsView:
    query = st.query_params
    return JobsView(
        text=query.get(_TEXT, "").strip()[:MAX_TEXT],
        choices={facet: values for facet in JobFacet if (values := _values(facet))},
        first_day=_day(query.get(_FROM, "")),
        last_day=_day(query.get(_TO, "")),
        min_pose_score=(number_in_address(_LEAST, 2) or 0) / 100,
        favourites=query.get(_STARRED, "") == "yes",
        order=_ORDERS.get(query.get(_ORDER, ""), JobOrder.NEWEST),
        layout=next((each for each in Layout if each == query.get(_VIEW)), Layout.LIST),
        page=max(1, number_in_address(_PAGE, 5) or 1),
    )


def _values(facet: JobFacet) -> tuple[str, ...]:
    """Of the address; of states only those that there are."""
    known = {state.value for state in JobState} if facet is JobFacet.STATE else None
    values = dict.fromkeys(filter(None, st.query_params.get_all(facet)))
    return tuple(value for value in values if known is None or value in known)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _fill(view: JobsView) -> None:
    _set_widgets(view)
    st.session_state[_SHOWN] = view


def _set_widgets(view: JobsView) -> None:
    values: dict[str, Any] = {
        **{facet.value: list(view.choices.get(facet, ())) for facet in JobFacet},
        "text": view.text,
        "from": view.first_day,
        "to": view.last_day,
        "least": view.min_pose_score,
        "favourites": view.favourites,
        "order": view.order,
        "view": view.layout,
        "page": view.page,
    }
    for name, value in values.items():
        st.session_state[widget(name)] = value


def _write_address(view: JobsView) -> None:
    if _of_address() == view:
        return
    orders = {order: name for name, order in _ORDERS.items()}
    address: dict[str, str | Sequence[str]] = {
        # Always there: the browser keeps its address where no parameter is left.
        _VIEW: view.layout.value,
        _TEXT: view.text,
        _FROM: view.first_day.isoformat() if view.first_day else "",
        _TO: view.last_day.isoformat() if view.last_day else "",
        _LEAST: str(round(view.min_pose_score * 100)) if view.min_pose_score else "",
        _STARRED: "yes" if view.favourites else "",
        _ORDER: "" if view.order is JobOrder.NEWEST else orders[view.order],
        _PAGE: str(view.page) if view.page > 1 else "",
        **{facet.value: view.choices.get(facet, ()) for facet in JobFacet},
    }
    for name, value in address.items():
        if value:
            st.query_params[name] = value
        elif name in st.query_params:
            del st.query_params[name]
