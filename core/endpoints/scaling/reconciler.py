"""A worker that sets up the scaling of endpoints once they are InService, which takes minutes, and
completes what another dashboard was interrupted in."""

import logging
from threading import Thread
from typing import Final

from core.endpoints.scaling.service import EndpointScaling
from core.errors import AwsError

log = logging.getLogger(__name__)

_PENDING_SECONDS: Final = 5.0
"""Between two looks at an endpoint that is waited for."""

_SECONDS: Final = 60.0
"""Between two looks at what others may have left."""


class ScalingReconciler:
    """One thread of each dashboard; what two of them write is the same."""

    def __init__(self, scaling: EndpointScaling) -> None:
        self._scaling = scaling
        self._wake = scaling.ordered
        self._stopping = False
        self._thread = Thread(target=self._run, name="scaling", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the look under way."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def _run(self) -> None:
        seconds = _PENDING_SECONDS
        while not self._stopping:
            self._wake.wait(seconds)
            self._wake.clear()
            if not self._stopping:
                seconds = _PENDING_SECONDS if self._look() else _SECONDS

    def _look(self) -> bool:
        """Whether something is waited for."""
        try:
            return self._scaling.complete_pending()
        except AwsError as error:
            log.warning("event=scaling_not_looked_at error=%s", error)
        except Exception:  # the worker's edge: it must outlive any error
            log.exception("event=scaling_not_looked_at")
        return False
