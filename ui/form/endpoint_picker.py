"""The picker of the endpoint that a job goes to, with the state of each."""

import streamlit as st

from core.endpoints.model_caches.caches import CacheTier
from core.endpoints.model_caches.service import ANY_ENDPOINT
from core.endpoints.service import Endpoint, EndpointStatus
from core.errors import AwsError
from formats.models.kinds import ModelKind
from ui.errors import show_at, show_old
from ui.form.state import Form
from ui.polling import ENDPOINTS_SECONDS, poll_while
from ui.state import studio, user
from ui.texts import formatting, scaling
from ui.texts.form import form as texts

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
        _hint(form.get("endpoint") or "", endpoints)


def _box(form: Form, endpoints: dict[str, Endpoint]) -> None:
    """The box itself. A browser sends a choice as its label, and these labels have states in
    them: whenever one changes it must be another box, or the old label comes back as a name."""
    sha256 = _checkpoint_hash(form)
    labels = {name: _label(endpoint, sha256) for name, endpoint in endpoints.items()}
    if len(endpoints) > 1:
        labels[ANY_ENDPOINT] = texts.ANY_ENDPOINT
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
    chosen = form.get("endpoint")
    if chosen in endpoints or (chosen == ANY_ENDPOINT and len(endpoints) > 1):
        return str(form.get("endpoint"))
    ready = [name for name, endpoint in endpoints.items() if endpoint.accepts_jobs]
    return next(iter([*ready, *endpoints]), "")


def _label(endpoint: Endpoint, sha256: str | None) -> str:
    own_state = scaling.own_state(endpoint)
    mark = "○" if own_state else _MARKS.get(endpoint.status, "○")
    label = texts.endpoint(mark, endpoint.name, own_state or endpoint.status)
    held = texts.CACHED.get(_tier(endpoint, sha256))
    return f"{label} · {held}" if held else label


def _tier(endpoint: Endpoint, sha256: str | None) -> CacheTier:
    try:
        return studio().caches.tier(endpoint, sha256)
    except AwsError:  # the page says itself that AWS is silent, and a choice needs no tier
        return CacheTier.NONE


def _checkpoint_hash(form: Form) -> str | None:
    """Of the first checkpoint that is chosen; None where it is not known."""
    chosen = form.get("checkpoints") or ()
    try:
        files = (studio().models.find(user(), ModelKind.CHECKPOINT, name) for name in chosen[:1])
        return next((file.sha256 for file in files if file), None)
    except AwsError:
        return None


def _hint(name: str, endpoints: dict[str, Endpoint]) -> None:
    endpoint = endpoints.get(name)
    if name == ANY_ENDPOINT and endpoints:
        st.caption(texts.ANY_ENDPOINT_NOTE)
    elif endpoint is None:
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
