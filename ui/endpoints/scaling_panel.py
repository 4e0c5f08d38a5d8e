"""The scaling of one endpoint on its card: order, stop and wake, the doctor, the dialog."""

from datetime import UTC, datetime

import streamlit as st

from core.endpoints.scaling.findings import ScalingProblem
from core.endpoints.scaling.reports import ScalingReport
from core.endpoints.scaling.spec import ScalingSpec
from core.endpoints.service import Endpoint
from core.errors import ContrappostoError
from core.team.permissions import Action
from ui.endpoints.scaling_fields import FIELDS, fill_fields, read_fields, scaling_fields
from ui.errors import attempt, messages_of, show_rest
from ui.state import may, studio, user
from ui.texts import formatting
from ui.texts import scaling as texts

_EDITED = "endpoints.edited"
_PROBLEMS = f"{_EDITED}.problems"


def scaling_state(endpoint: Endpoint) -> tuple[str, formatting.Tone] | None:
    """The word and colour for what SageMaker has no state of; None where its own says it."""
    word = texts.own_state(endpoint)
    if not word:
        return None
    if endpoint.is_held and not endpoint.has_ended:
        return word, "red"
    return word, "blue" if endpoint.is_waking else "gray"


def scaling_panel(endpoint: Endpoint, report: ScalingReport | None) -> None:
    """Lines below the state, and the doctor where AWS does not have what was ordered."""
    if endpoint.has_ended:
        st.caption(formatting.escape(endpoint.unavailable_reason))
    if endpoint.scaling:
        st.caption(_summary(endpoint.scaling))
    if report:
        _notes(report)
    if report and report.findings:
        _doctor(report, may_repair=may(Action.CHANGE, endpoint.item))


def scaling_buttons(endpoint: Endpoint, report: ScalingReport | None) -> None:
    """Stop or wake now, and the dialog with the order."""
    if report:
        _switches(report)
    if (
        endpoint.is_asynchronous
        and endpoint.is_scalable
        and st.button(
            texts.EDIT, key=f"scale.{endpoint.name}", icon=":material/tune:", type="tertiary"
        )
    ):
        fill_fields(_EDITED, endpoint.scaling or _as_it_is(endpoint))
        st.session_state[_PROBLEMS] = {}
        _edit(endpoint.name)


def _summary(spec: ScalingSpec) -> str:
    end = formatting.date_time(spec.ends_at) if spec.ends_at else ""
    return formatting.escape(texts.summary(spec, end))


def _as_it_is(endpoint: Endpoint) -> ScalingSpec:
    """What an endpoint without an order has."""
    count = min(max(endpoint.desired, 1), 10)
    return ScalingSpec(minimum=count, maximum=count)


def _notes(report: ScalingReport) -> None:
    if report.problem:
        st.error(formatting.escape(report.problem), icon=":material/error:")
    elif report.is_pending:
        st.caption(texts.PENDING)
    if report.stops_at:
        time = f"{formatting.local_time(report.stops_at):%H:%M}"
        is_over = report.stops_at <= datetime.now(UTC)
        st.caption(texts.STOPS_SOON if is_over else texts.stops_at(time))


def _switches(report: ScalingReport) -> None:
    name, scaling = report.endpoint, studio().scaling
    if report.can_stop:
        st.button(
            texts.STOP_NOW,
            key=f"zero.{name}",
            icon=":material/stop_circle:",
            type="tertiary",
            help=texts.STOP_HELP,
            on_click=attempt,
            args=(lambda: scaling.stop(user(), name),),
        )
    if report.can_wake:
        st.button(
            texts.WAKE_NOW,
            key=f"wake.{name}",
            icon=":material/play_circle:",
            type="tertiary",
            help=texts.WAKE_HELP,
            on_click=attempt,
            args=(lambda: scaling.wake(user(), name),),
        )


def _doctor(report: ScalingReport, *, may_repair: bool) -> None:
    lines = [
        f"- {texts.finding(formatting.escape(f.what), f.problem, formatting.escape(f.detail))}"
        for f in report.findings
    ]
    st.warning("\n".join([texts.DOCTOR, "", *lines]), icon=":material/healing:")
    own = any(finding.problem is not ScalingProblem.FOREIGN for finding in report.findings)
    if own and may_repair:
        st.button(
            texts.REPAIR,
            key=f"repair.{report.endpoint}",
            icon=":material/build:",
            on_click=attempt,
            args=(lambda: studio().scaling.repair(user(), report.endpoint),),
        )


def _edit(name: str) -> None:
    """The dialog, with the endpoint's name as its title."""

    @st.dialog(texts.edit_title(name), width="medium")
    def fields() -> None:
        problems: dict[str, str] = st.session_state[_PROBLEMS]
        show_rest(problems, *FIELDS)
        scaling_fields(_EDITED, problems)
        is_saved = st.button(
            texts.SAVE, type="primary", key=f"{_EDITED}.save", on_click=_save, args=(name,)
        )
        if is_saved and not st.session_state[_PROBLEMS]:
            st.rerun()

    fields()


def _save(name: str) -> None:
    try:
        studio().scaling.order(user(), name, read_fields(_EDITED))
    except ContrappostoError as error:
        st.session_state[_PROBLEMS] = messages_of(error)
    else:
        st.session_state[_PROBLEMS] = {}
