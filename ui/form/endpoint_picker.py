"""The picker of the endpoint that a job goes to, with the state of each."""

import streamlit as st

from core.endpoints.service import Endpoint, EndpointStatus
from ui.errors import show_at, show_old
from ui.form.state import Form
from ui.polling import ENDPOINTS_SECONDS, poll_while
from ui.state import studio, user
from ui.texts import form as texts
from ui.texts import formatting, scaling

_MARKS = {
    EndpointStatus.IN_SERVICE: "●",
    EndpointStatus.FAILED: "✕",
    EndpointStatus.DELETING: "✕",
}


def endpoint_picker(form: Form) -> None:
    """The picker with its refresh button, and a line on an endpoint that takes no jobs yet."""
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{form.name}-endpoint"):
        box = st.container()
        refresh = st.button(
            texts.REFRESH_ENDPOINTS,
            icon=":material/refresh:",
            key=form.key("endpoint.again"),
            help=texts.REFRESH_ENDPOINTS_HELP,
        )
    endpoints = {e.name: e for e in studio().endpoints.list(user(), refresh=refresh)}
    with box:
        _box(form, endpoints)
    show_old(studio().endpoints.listing_problem())
    show_at(form.problems, "endpoint")
    if "endpoint" not in form.problems or not endpoints:
        _hint(endpoints.get(form.get("endpoint") or ""))


def _box(form: Form, endpoints: dict[str, Endpoint]) -> None:
    """The box itself. A browser sends a choice as its label, and these labels have states in
    them: whenever one changes it must be another box, or the old label comes back as a name."""
    labels = {name: _label(endpoint) for name, endpoint in endpoints.items()}
    default = _selected_or_first(form, endpoints)
    selected = st.selectbox(
        texts.ENDPOINT,
        list(labels),
        index=list(labels).index(default) if default else None,
        key=form.key(f"endpoint.pick.{'|'.join([*labels.values(), default])}"),
        placeholder=texts.NO_ENDPOINT,
        format_func=lambda name: labels.get(name, name),
    )
    # AWS may have denied them all for a moment: what was chosen is not forgotten for that.
    st.session_state[form.key("endpoint")] = selected or default or form.get("endpoint")


def _selected_or_first(form: Form, endpoints: dict[str, Endpoint]) -> str:
    """What was selected; where that is gone, the first that takes jobs, else the first."""
    if form.get("endpoint") in endpoints:
        return str(form.get("endpoint"))
    ready = [name for name, endpoint in endpoints.items() if endpoint.accepts_jobs]
    return next(iter([*ready, *endpoints]), "")


def _label(endpoint: Endpoint) -> str:
    return texts.endpoint(_MARKS.get(endpoint.status, "○"), endpoint.name, endpoint.status)


def _hint(endpoint: Endpoint | None) -> None:
    if endpoint is None:
        st.page_link("../pages/endpoints.py", label=texts.CREATE_ENDPOINT, icon=":material/add:")
    elif endpoint.status is EndpointStatus.CREATING:
        _start_time(endpoint.name)
    elif endpoint.is_at_zero and endpoint.accepts_jobs:
        st.caption(f":material/bedtime: {scaling.at_zero(studio().settings)}")
    elif not endpoint.accepts_jobs:
        st.caption(formatting.escape(endpoint.unavailable_reason))


def _starting(name: str) -> Endpoint | None:
    """The endpoint while it is in Creating."""
    found = (endpoint for endpoint in studio().endpoints.list(user()) if endpoint.name == name)
    endpoint = next(found, None)
    return endpoint if endpoint and endpoint.status is EndpointStatus.CREATING else None


def _is_starting(name: str) -> bool:
    return _starting(name) is not None


@poll_while(_is_starting, every=ENDPOINTS_SECONDS)
def _start_time(name: str) -> None:
    """How long a start takes, until the endpoint has left Creating."""
    endpoint = _starting(name)
    if endpoint is None:
        return
    age = formatting.time_since(endpoint.changed_at)
    sentence = texts.endpoint_starting(age, formatting.start_duration(studio().settings))
    st.caption(f":material/hourglass_top: {sentence}")
