"""Receives SageMaker's messages of ended invocations, and brings their jobs' records in line."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from typing import Final

from core.aws.end_notifications import Channel, EndNotifications, Message
from core.errors import AwsDenied, AwsError, AwsNotFound
from core.jobs.following.reconciler import Reconciler
from core.jobs.records import Job

log = logging.getLogger(__name__)

_WORKERS: Final = 8
_MISSING_SECONDS: Final = 60.0
_FAILED_SECONDS: Final = 5.0

OnRecord = Callable[[Job], None]
"""Told of each record that a message led to."""


class EndReceiver:
    """One thread that waits for messages. Several dashboards may share a queue: each message goes
    to one of them, which writes the record that all of them read.

    A message is deleted once its record was written, so one may come twice. Where there is no
    queue, or it may not be read, the sweep finds the ends, and the log says so once.
    """

    def __init__(self, notifications: EndNotifications, reconciler: Reconciler) -> None:
        self._notifications = notifications
        self._reconciler = reconciler
        self._told: set[str] = set()
        self._channel: Channel | None = None
        self._problem = ""
        self._stopping = Event()
        self._on_record: OnRecord | None = None
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="ends")
        self._thread = Thread(target=self._run, name="end-receiver", daemon=True)

    def start(self, on_record: OnRecord) -> None:
        """Begin to receive."""
        self._on_record = on_record
        self._thread.start()

    def close(self) -> None:
        """Take no more messages; the thread ends with its long poll, within 20 seconds."""
        self._stopping.set()
        self._pool.shutdown(wait=True)

    def end(self, job_id: str, failure: str) -> None:
        """A real-time endpoint has answered; `failure` says why its container failed the job.

        Raises AwsError.
        """
        job = self._reconciler.end(job_id, failure)
        if job and self._on_record:
            self._on_record(job)

    def tells_of(self, endpoint: str) -> bool:
        """Whether messages of this endpoint arrive: seen, as an older one may have no topic."""
        return self._channel is not None and endpoint in self._told

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self.receive_once()
            except (AwsNotFound, AwsDenied) as error:
                self._pause(error, _MISSING_SECONDS)
            except AwsError as error:
                self._pause(error, _FAILED_SECONDS)
            except Exception:  # the worker's edge: the receiver must outlive any error
                if not self._stopping.is_set():
                    log.exception("event=receiving_failed")
                self._stopping.wait(_FAILED_SECONDS)

    def _pause(self, error: AwsError, seconds: float) -> None:
        self._channel = None
        if str(error) != self._problem and not self._stopping.is_set():
            log.warning("event=ends_not_received error=%s", error)
        self._problem = str(error)
        self._stopping.wait(seconds)

    def receive_once(self) -> None:
        """Wait for messages and deal with them. Raises AwsError."""
        if self._channel is None:
            self._channel = self._notifications.open()
            log.info("event=ends_received topic=%s", self._channel.topic_arn)
        messages = self._notifications.receive(self._channel)
        self._problem = ""
        if messages and not self._stopping.is_set():
            dealt = zip(messages, self._pool.map(self._deal, messages), strict=True)
            done = [message for message, is_done in dealt if is_done]
            self._notifications.delete(self._channel, done)

    def _deal(self, message: Message) -> bool:
        """Whether the message has done its part; one that has not comes again."""
        if (ended := message.ended) is None:
            log.warning("event=message_unreadable")
            return True
        try:
            job = self._reconciler.end(ended.inference_id, ended.failure_reason)
        except AwsError as error:
            log.warning("event=message_kept job=%s error=%s", ended.inference_id, error)
            return False
        if job is None:
            log.info("event=end_of_unknown_job id=%s", ended.inference_id)
            return True
        self._told.add(ended.endpoint)
        if self._on_record:
            self._on_record(job)
        return True
