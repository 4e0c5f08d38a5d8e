"""How many jobs an endpoint is handed at once; what is beyond them waits in the line before it."""

from typing import Final

from core.endpoints.spec import concurrency
from core.endpoints.status import Endpoint
from core.settings import Settings
from formats.frozen import Frozen

_WAVES: Final = 2
"""An instance has as many jobs in SageMaker's queue as it runs, so that it never waits for us."""


class SendLimit(Frozen):
    """The most jobs that are sent and have not ended; 0 where the endpoint takes none."""

    jobs: int
    is_asynchronous: bool = True


def send_limit(endpoint: Endpoint, settings: Settings) -> SendLimit:
    """The limit of an endpoint as it is now; one that its budget keeps at zero gets nothing.

    SageMaker's queue is first in, first out, so as little as possible stands in it. But target
    tracking sees nothing else: while instances may still be added, twice the backlog that is wanted
    for each stands there, which doubles their number until it is the greatest. An endpoint without
    an instance counts as one with one: its jobs wake it.
    """
    if not endpoint.accepts_jobs or endpoint.is_held:
        return SendLimit(jobs=0, is_asynchronous=endpoint.is_asynchronous)
    at_once = concurrency(endpoint.instance_type, settings)
    instances = max(1, endpoint.desired)
    if not endpoint.is_asynchronous:
        # Without a queue the container holds what comes: one more than it runs, for each instance.
        return SendLimit(jobs=instances * (at_once + 1), is_asynchronous=False)
    spec = endpoint.scaling
    if spec and instances < spec.maximum:
        at_once = max(at_once, spec.backlog_target)
    return SendLimit(jobs=_WAVES * instances * at_once)
