"""Whether a job waits for an endpoint's first instance, in words."""

from core.errors import AwsError
from core.jobs.records import Job, JobState
from ui.state import studio
from ui.texts import scaling as texts


def waking_text(job: Job) -> str:
    """What a queued job waits for while its endpoint is at zero or wakes; else empty."""
    if job.state is not JobState.QUEUED or job.sent_at is None:
        return ""
    try:
        endpoint = studio().endpoints.look_up(job.endpoint)
    except AwsError:  # the page says itself that AWS is silent
        return ""
    if endpoint and endpoint.is_held:
        return texts.HELD_JOB
    if endpoint and (endpoint.is_at_zero or endpoint.is_waking):
        return texts.waking_job(studio().settings)
    return ""
