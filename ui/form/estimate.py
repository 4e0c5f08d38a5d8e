"""The quiet line at the button: the wait, how long it takes and what that costs."""

from collections.abc import Iterator

import streamlit as st

from core.errors import AwsError
from core.jobs.preparing.draft import Draft, DraftUnit
from core.jobs.preparing.estimate import JobEstimate
from formats.generation.parameters import Mode, parameter_fields
from ui.form.state import Form
from ui.polling import ENDPOINTS_SECONDS, poll_while
from ui.state import studio, user
from ui.texts import costs, formatting, scaling
from ui.texts.form import estimate as texts


def _has_open_jobs(*_: object, **__: object) -> bool:
    return bool(studio().jobs.open(user()))


@poll_while(_has_open_jobs, every=ENDPOINTS_SECONDS)
def before_the_click(form: Form, *, with_units: bool) -> None:
    """Always one line, so that nothing moves; a script has a line of its own. It follows the jobs
    that are before the next one."""
    if form.get("mode").uses_checkpoint and form.get("script.kind"):
        return
    try:
        estimate = studio().estimates.of(user(), [_draft(form, with_units=with_units)])
    except AwsError:  # the page says itself that AWS is silent
        st.caption(texts.NOT_KNOWN)
        return
    line = " · ".join(_parts(estimate, form.get("mode")))
    st.caption(f":material/timer: {formatting.escape(line)}")


def _draft(form: Form, *, with_units: bool) -> Draft:
    """What counts for the time, without images."""
    values = form.values()
    units = [unit for unit in values.units if unit.enabled] if with_units else []
    return Draft(
        **{name: getattr(values, name) for name in parameter_fields()},
        endpoint=values.endpoint or "",
        mode=values.mode,
        checkpoints=tuple(values.checkpoints),
        hires=values.hires if values.with_hires else None,
        units=tuple(DraftUnit() for _ in units),
    )


def _parts(estimate: JobEstimate, mode: Mode) -> Iterator[str]:
    if estimate.images > 1:
        yield texts.jobs(estimate.jobs, estimate.images)
    if estimate.is_at_zero or estimate.is_waking:
        yield texts.waking(scaling.wake_duration(studio().settings))
    if estimate.ahead:
        yield texts.ahead(
            estimate.ahead, formatting.duration(estimate.wait) if estimate.wait else ""
        )
    if estimate.seconds is None:
        yield texts.NOT_KNOWN if mode.uses_checkpoint else texts.NOT_MEASURED
        return
    told = texts.seconds(formatting.duration(estimate.seconds))
    if estimate.error is not None and estimate.compared >= texts.FEW:
        told = f"{told}; {texts.error(estimate.compared, estimate.error)}"
    yield told
    if estimate.dollars is not None:
        yield texts.price(costs.dollars(estimate.dollars))
