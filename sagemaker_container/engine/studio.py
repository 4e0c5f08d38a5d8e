"""Makes a request's pictures, from its files to the stored result: the whole of the engine."""

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

import torch

from formats.progress import Stage
from formats.request import GenerationRequest
from formats.result import ErrorCode, Failure, GenerationResult, Picture
from sagemaker_container.engine.batches import paint
from sagemaker_container.engine.job_run import JobRun
from sagemaker_container.engine.monitor import Monitor
from sagemaker_container.engine.outputs import OutputWriter
from sagemaker_container.engine.record import Record
from sagemaker_container.engine.tools import Tools
from sagemaker_container.engine.upscale_run import UpscaleRun
from sagemaker_container.errors import JobCancelled, JobError
from sagemaker_container.settings import Settings

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Studio:
    """Draws one job after the other."""

    tools: Tools

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Build it from settings. Raises RuntimeError for a device that isn't there."""
        return cls(Tools.open(settings))

    def draw(self, request: GenerationRequest, monitor: Monitor) -> GenerationResult:
        """Make a request's pictures and store them; every way a job can end is a result.

        The caller stores the result. Raises BrokenPipeError, EOFError: the front process is gone.
        """
        device, now = self.tools.device, self.tools.now
        record = Record(request, device, now, now())
        device.begin_job()
        try:
            with _memory_errors():
                return record.succeeded(self._draw(request, monitor, record))
        except JobCancelled:
            message = "The job was cancelled."
            return record.cancelled(Failure(code=ErrorCode.CANCELLED, message=message))
        except JobError as error:
            _log.info("event=refused job=%s code=%s", request.id, error.code)
            return record.failed(error.failure())
        except (BrokenPipeError, EOFError):
            raise
        except Exception as error:  # noqa: BLE001  # the worker's edge: the next job must run
            _log.exception("event=failed job=%s", request.id)
            message = f"The container failed: {type(error).__name__}. Its log says more."
            return record.failed(Failure(code=ErrorCode.INTERNAL, message=message))

    def _draw(
        self, request: GenerationRequest, monitor: Monitor, record: Record
    ) -> tuple[Picture, ...]:
        with OutputWriter(self.tools.bucket, request.id) as writer:
            if request.upscale:
                UpscaleRun(self.tools, request, monitor, record, writer).make(request.upscale)
            else:
                paint(JobRun(self.tools, request, monitor, record, writer))
            monitor.stage(Stage.SAVING)
            with record.timed("save"):
                return writer.finish()


@contextmanager
def _memory_errors() -> Iterator[None]:
    """PyTorch's two ways of saying that memory is full become ours."""
    try:
        yield
    except RuntimeError as error:
        is_cpu_full = "allocate memory" in str(error) or "not enough memory" in str(error)
        if not isinstance(error, torch.OutOfMemoryError) and not is_cpu_full:
            raise
        gc.collect()
        torch.cuda.empty_cache()
        message = "The instance has too little memory for this job; make smaller or fewer pictures."
        raise JobError(ErrorCode.OUT_OF_MEMORY, message) from error
