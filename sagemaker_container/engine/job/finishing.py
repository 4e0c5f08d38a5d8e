"""Ends jobs in threads once their images are stored, so that the next ones run meanwhile."""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final

from sagemaker_container import logs
from sagemaker_container.engine.job.run import JobRun

_THREADS: Final = 16
"""Each waits for the images of one job."""
_GROUPS: Final = 2
"""Jobs that ran together and are not stored yet. With more, a slow S3 would fill the memory."""


class JobFinisher:
    """Finishes jobs whose images were all generated. Used from the inference thread only."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="finish")
        self._groups: deque[list[Future[None]]] = deque([[]])

    def begin_group(self) -> None:
        """The jobs that are finished from now on ran together. Waits until few others are left.

        Raises BrokenPipeError, EOFError: the front process is gone.
        """
        while len(self._groups) >= _GROUPS:
            _results(self._groups.popleft())
        self._groups.append([])

    def finish(self, run: JobRun) -> None:
        """Wait in a thread until all images of a job are stored, and end it."""
        self._groups[-1].append(self._threads.submit(_finish, run))

    def wait(self) -> None:
        """Wait until all jobs have ended. Raises as `begin_group`."""
        while self._groups:
            _results(self._groups.popleft())
        self._groups.append([])

    def close(self) -> None:
        """Let the jobs end."""
        self._threads.shutdown(wait=True)


def _results(group: Sequence["Future[None]"]) -> None:
    for ended in wait(group).done:
        ended.result()


def _finish(run: JobRun) -> None:
    with logs.working_on([run.request.id]), run.ending_on_error():
        run.finish()
