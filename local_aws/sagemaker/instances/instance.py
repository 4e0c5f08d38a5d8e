"""One instance of an endpoint: a container that is started, watched, and started again."""

import logging
import threading
import time
from collections.abc import Callable
from enum import Enum

from local_aws.sagemaker.instances.container import CannotStart, Container
from local_aws.sagemaker.instances.deployment import Variant
from local_aws.sagemaker.instances.instance_directory import Site

_log = logging.getLogger(__name__)

_PING_EVERY_S = 0.1  # while it starts
_CHECK_EVERY_S = 10.0  # while it serves
_MISSED_CHECKS = 6  # a container that answers no ping for a minute is replaced
_START_ATTEMPTS = 3  # of an instance that was never healthy
_FIRST_BACKOFF_S = 0.5
_LONGEST_BACKOFF_S = 30.0
_REPEATED_DEATHS = 3  # without an answered invocation in between
STOP_GRACE_S = 30.0  # SIGKILL comes 30 s after SIGTERM (SageMaker's container contract)


class State(Enum):
    """Where an instance is in its life; FAILED and STOPPED are its ends."""

    STARTING = "starting"
    HEALTHY = "healthy"
    FAILED = "failed"
    STOPPED = "stopped"


class Instance:
    """Runs one container at a time, in a thread of its own.

    `on_change` is called from the thread after every change of `state` and `reason`; `reason` says
    why an instance failed, or that its container keeps dying. `in_flight` and `draining` belong to
    the endpoint that hands out the work.
    """

    def __init__(
        self,
        name: str,
        variant: Variant,
        site: Site,
        on_change: Callable[[], None],
    ) -> None:
        self.name = name
        self.state = State.STARTING
        self.reason: str | None = None
        self.container: Container | None = None
        self.in_flight = 0
        self.draining = False
        self._variant = variant
        self._site = site
        self._on_change = on_change
        self._deaths = 0
        self._was_healthy = False
        self._grace = STOP_GRACE_S
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def begin(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, grace: float = STOP_GRACE_S) -> None:
        """Begin to end the container; `state` becomes STOPPED when it is gone."""
        self._grace = grace
        self._stopping.set()
        self._wake.set()

    def join(self, timeout: float) -> None:
        """Wait until the container is gone."""
        self._thread.join(timeout)

    def served(self) -> None:
        """An invocation was answered: earlier deaths no longer count."""
        self._deaths = 0
        if self.reason is not None:
            self.reason = None
            self._on_change()

    @property
    def free(self) -> bool:
        """Whether it can be given work."""
        container = self.container
        if container is None or container.gone.is_set():
            return False
        return self.state is State.HEALTHY and not self.draining

    @property
    def over(self) -> bool:
        """Whether its life has ended."""
        return self.state in {State.FAILED, State.STOPPED}

    def _run(self) -> None:
        try:
            end = self._live()
        except CannotStart as error:
            end = str(error)
        except Exception as error:  # noqa: BLE001 (the edge of a worker)
            _log.exception("event=instance_broken instance=%s", self.name)
            end = f"The container could not be run: {error}"
        self._site.remove()
        self._change(State.FAILED if end else State.STOPPED, end)

    def _live(self) -> str | None:
        """Run containers until told to stop (None) or until the first can't be started (why)."""
        while not self._stopping.is_set():
            why = self._serve()
            if self._stopping.is_set():
                break
            self._deaths += 1
            _log.warning("event=container_died instance=%s reason=%r", self.name, why)
            if not self._was_healthy and self._deaths >= _START_ATTEMPTS:
                return self._unhealthy(why)
            repeated = self._deaths >= _REPEATED_DEATHS
            self._change(State.STARTING, self._unhealthy(why) if repeated else self.reason)
            self._stopping.wait(min(_FIRST_BACKOFF_S * 2 ** (self._deaths - 1), _LONGEST_BACKOFF_S))
        return None

    def _serve(self) -> str:
        """Run one container to its end; why it ended."""
        self._wake.clear()
        container = self.container = self._site.start(self._wake.set)
        try:
            why = self._await_healthy(container)
            if why is None:
                self._was_healthy = True
                self._change(State.HEALTHY, self.reason)
                why = self._watch(container)
        finally:
            container.stop(self._grace)
        return why

    def _await_healthy(self, container: Container) -> str | None:
        """Ping until the container answers; why it exited instead, or None.

        Raises `CannotStart` when its time is over: trying again would only double the wait.
        """
        deadline = time.monotonic() + self._variant.startup_timeout
        while time.monotonic() < deadline and not self._stopping.is_set():
            if container.ping():
                return None
            if self._wake.wait(_PING_EVERY_S):
                return container.last_words()
        if self._was_healthy or self._stopping.is_set():
            return "it did not answer /ping in time"
        raise CannotStart(
            self._unhealthy(f"it did not answer /ping within {self._variant.startup_timeout:.0f} s")
        )

    def _watch(self, container: Container) -> str:
        """Return, with the reason, once the container is gone, mute, or to be stopped."""
        missed = 0
        while not self._wake.wait(_CHECK_EVERY_S):
            missed = 0 if container.ping() else missed + 1
            if missed >= _MISSED_CHECKS:
                return f"it did not answer /ping for {missed * _CHECK_EVERY_S:.0f} s"
        return container.last_words()

    def _unhealthy(self, why: str) -> str:
        """SageMaker's sentence for a container that won't serve, then what is known here."""
        return (
            f"The primary container for production variant {self._variant.name} did not pass the "
            "ping health check. Please check CloudWatch logs for this endpoint. On this machine: "
            f"{why}"
        )

    def _change(self, state: State, reason: str | None) -> None:
        self.state, self.reason = state, reason
        self._on_change()
