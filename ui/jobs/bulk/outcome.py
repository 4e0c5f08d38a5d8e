"""Tells what something that was to be done with many jobs was not done with, and why."""

from typing import Final

from core.errors import Conflict
from core.jobs.bulk.outcome import BulkOutcome
from ui.texts.jobs import bulk as texts

_REASONS: Final = 3
"""Told in words; of the rest the number."""


def require_all(outcome: BulkOutcome) -> None:
    """The last call of a callback: raise Conflict, which says what was not done and why, for the
    page's notice."""
    reasons = outcome.reasons
    if not reasons:
        return
    if not outcome.done and len(outcome.problems) == 1:
        raise Conflict(outcome.problems[0].message)
    told = [texts.reason(message, count) for message, count in list(reasons.items())[:_REASONS]]
    rest = len(outcome.problems) - sum(list(reasons.values())[:_REASONS])
    raise Conflict(texts.left_out(len(outcome.done), len(outcome.problems), told, rest))
