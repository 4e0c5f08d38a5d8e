"""Runs one instance of an endpoint: starts its container, monitors it, restarts it."""

import logging
import threading
import time
from collections.abc import Callable
from enum import Enum

from local_aws.sagemaker.instances.container import Container, ContainerStartError
from local_aws.sagemaker.instances.deployment import Variant
from local_aws.sagemaker.instances.instance_directory import InstanceDirectory

_logger = logging.getLogger(__name__)

_STARTUP_PING_INTERVAL_S = 0.1  # while it starts
_PING_INTERVAL_S = 10.0  # while it serves
_MAX_MISSED_PINGS = 6  # a container that answers no ping for a minute is replaced
_START_ATTEMPTS = 3  # of an instance that was never healthy
_MIN_BACKOFF_S = 0.5
_MAX_BACKOFF_S = 30.0
_MAX_CRASHES = 3  # without an answered invocation in between
STOP_GRACE_S = 30.0  # SIGKILL comes 30 s after SIGTERM (SageMaker's container contract)


class InstanceState(Enum):
    """The lifecycle of an instance; FAILED and STOPPED are final."""

    STARTING = "starting"
    HEALTHY = "healthy"
    FAILED = "failed"
    STOPPED = "stopped"


class Instance:
    """Runs one container at a time, in a thread of its own.

    `on_change` is called from the thread after every change of `state` and `reason`; `reason` says
    why an instance failed, or that its container keeps crashing. `in_flight` and `draining` belong
    to the endpoint that dispatches invocations.
    """

    def __init__(
        self,
        name: str,
        variant: Variant,
        directory: InstanceDirectory,
        on_change: Callable[[], None],
    ) -> None:
        self.name = name
        self.state = InstanceState.STARTING
        self.reason: str | None = None
        self.container: Container | None = None
        self.in_flight = 0
        self.draining = False
        self._variant = variant
        self._directory = directory
        self._on_change = on_change
        self._crashes = 0
        self._was_healthy = False
        self._grace = STOP_GRACE_S
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, grace: float = STOP_GRACE_S) -> None:
        """Begin to end the container; `state` becomes STOPPED once it exited."""
        self._grace = grace
        self._stopping.set()
        self._wake.set()

    def join(self, timeout: float) -> None:
        """Wait until the container exited."""
        self._thread.join(timeout)

    def record_success(self) -> None:
        """An invocation was answered: earlier crashes no longer count."""
        self._crashes = 0
        if self.reason is not None:
            self.reason = None
            self._on_change()

    @property
    def is_available(self) -> bool:
        """Whether it can take an invocation."""
        container = self.container
        if container is None or container.exited.is_set():
            return False
        return self.state is InstanceState.HEALTHY and not self.draining

    @property
    def has_ended(self) -> bool:
        """Whether its state is final."""
        return self.state in {InstanceState.FAILED, InstanceState.STOPPED}

    def _run(self) -> None:
        try:
            reason = self._run_containers()
        except ContainerStartError as error:
            reason = str(error)
        except Exception as error:  # the edge of a worker
            _logger.exception("event=instance_broken instance=%s", self.name)
            reason = f"The container could not be run: {error}"
        self._directory.remove()
        self._change(InstanceState.FAILED if reason else InstanceState.STOPPED, reason)

    def _run_containers(self) -> str | None:
        """Run containers until told to stop (None) or until the first can't be started (reason)."""
        while not self._stopping.is_set():
            reason = self._run_container()
            if self._stopping.is_set():
                break
            self._crashes += 1
            _logger.warning("event=container_died instance=%s reason=%r", self.name, reason)
            if not self._was_healthy and self._crashes >= _START_ATTEMPTS:
                return self._health_check_failure(reason)
            is_repeated = self._crashes >= _MAX_CRASHES
            shown = self._health_check_failure(reason) if is_repeated else self.reason
            self._change(InstanceState.STARTING, shown)
            self._stopping.wait(min(_MIN_BACKOFF_S * 2 ** (self._crashes - 1), _MAX_BACKOFF_S))
        return None

    def _run_container(self) -> str:
        """Run one container until it exits or is stopped, and return the reason."""
        self._wake.clear()
        container = self.container = self._directory.start_container(self._wake.set)
        try:
            reason = self._wait_until_healthy(container)
            if reason is None:
                self._was_healthy = True
                self._change(InstanceState.HEALTHY, self.reason)
                reason = self._monitor(container)
        finally:
            container.stop(self._grace)
        return reason

    def _wait_until_healthy(self, container: Container) -> str | None:
        """Ping until the container answers (None) or exits (the reason).

        Raises `ContainerStartError` when its time is over: trying again would only double the wait.
        """
        deadline = time.monotonic() + self._variant.startup_timeout
        while time.monotonic() < deadline and not self._stopping.is_set():
            if container.ping():
                return None
            if self._wake.wait(_STARTUP_PING_INTERVAL_S):
                return container.exit_summary()
        if self._was_healthy or self._stopping.is_set():
            return "it did not answer /ping in time"
        raise ContainerStartError(
            self._health_check_failure(
                f"it did not answer /ping within {self._variant.startup_timeout:.0f} s"
            )
        )

    def _monitor(self, container: Container) -> str:
        """Return the reason once the container exited, stopped answering, or is to be stopped."""
        missed = 0
        while not self._wake.wait(_PING_INTERVAL_S):
            missed = 0 if container.ping() else missed + 1
            if missed >= _MAX_MISSED_PINGS:
                return f"it did not answer /ping for {missed * _PING_INTERVAL_S:.0f} s"
        return container.exit_summary()

    def _health_check_failure(self, reason: str) -> str:
        """SageMaker's message for a container that fails its health check, and the local reason."""
        return (
            f"The primary container for production variant {self._variant.name} did not pass the "
            "ping health check. Please check CloudWatch logs for this endpoint. On this machine: "
            f"{reason}"
        )

    def _change(self, state: InstanceState, reason: str | None) -> None:
        self.state, self.reason = state, reason
        self._on_change()
