"""The container's log: one line of `key=value` pairs per event, on stderr."""

import logging
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_jobs: Final = ContextVar[str]("jobs", default="")


def configure(level: str, process: str) -> None:
    """Send this process's log to stderr, from where SageMaker collects it."""
    form = f"at=%(asctime)s.%(msecs)03dZ level=%(levelname)s process={process}%(jobs)s %(message)s"
    formatter = logging.Formatter(form, datefmt="%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    handler.addFilter(_add_jobs)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("sagemaker_container").setLevel(level)


@contextmanager
def working_on(job_ids: Sequence[str]) -> Iterator[None]:
    """Name these jobs in each line that this thread writes in the block, so that a job's lines are
    found by its id."""
    token = _jobs.set(f" jobs={','.join(job_ids)}")
    try:
        yield
    finally:
        _jobs.reset(token)


def _add_jobs(record: logging.LogRecord) -> bool:
    record.jobs = _jobs.get()
    return True
