"""Makes a call that AWS throttled again, after longer and longer waits."""

import logging
from collections.abc import Callable
from threading import Event
from typing import Final, TypeVar

from core.errors import AwsError

log = logging.getLogger(__name__)

_DELAYS: Final = (2, 4, 8, 16, 16)
"""Seconds before each further try: a job's record waits less than a minute for its last one."""

T = TypeVar("T")


def retry_with_backoff(
    call: Callable[[], T],
    may_retry: Callable[[AwsError], bool],
    before_wait: Callable[[], None],
    stopping: Event,
) -> T:
    """What `call` returns, tried up to six times while `may_retry` says so of its error.

    Raises the last try's error; also where `stopping` is set, which ends a wait at once.
    """
    for seconds in _DELAYS:
        try:
            return call()
        except AwsError as error:
            if not may_retry(error):
                raise
            log.info("event=call_put_off wait_seconds=%d error=%s", seconds, error)
            before_wait()
            if stopping.wait(seconds):
                raise
    return call()
