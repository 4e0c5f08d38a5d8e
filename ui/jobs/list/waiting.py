"""What an open job that did not begin yet waits for, in words."""

from core.jobs.records import Job
from ui.endpoints.waking import waking_text
from ui.state import studio
from ui.texts.jobs import jobs as texts


def waiting_text(job: Job, viewer: str) -> str:
    """Its place in the line or what holds it there; once it was sent, whether its endpoint wakes.
    Empty where it waits for none of these. `viewer` is the name of who reads it."""
    state = studio().line.state_of(job)
    if state is None:
        return waking_text(job)
    is_own = job.owner == viewer
    if state.maintenance:
        return texts.IN_MAINTENANCE
    if state.is_held:
        return texts.OWN_QUEUE_HELD if is_own else texts.QUEUE_HELD
    if state.position is None:
        return ""
    return texts.line_position(state.position.number, state.position.own_before if is_own else 0)
