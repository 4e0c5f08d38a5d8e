"""The container's errors, and the HTTP status of each.

Exception
├── JobError      a job that can't be done, for a reason that its user can act on
└── JobCancelled  a job that its user cancelled
"""

from typing import Final

from formats.generation.result import ErrorCode, Failure

HTTP_STATUS: Final = {
    ErrorCode.BAD_REQUEST: 400,
    ErrorCode.MODEL_MISSING: 404,
    ErrorCode.MODEL_BROKEN: 400,
    ErrorCode.MODEL_MISMATCH: 400,
    ErrorCode.MODEL_CHANGED: 409,
    ErrorCode.INPUT_MISSING: 404,
    ErrorCode.UNSUPPORTED: 422,
    ErrorCode.CANCELLED: 409,
    ErrorCode.REQUEST_CONFLICT: 409,
    ErrorCode.TOO_LARGE: 413,
    ErrorCode.BUSY: 503,
    ErrorCode.OUT_OF_MEMORY: 507,
    ErrorCode.DISK_FULL: 507,
    ErrorCode.WORKER_LOST: 500,
    ErrorCode.STORAGE: 502,
    ErrorCode.INTERNAL: 500,
}


class JobError(Exception):
    """A job that can't be done; `field` is the request's field at fault, if it is one's fault."""

    def __init__(self, code: ErrorCode, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field

    def __reduce__(self) -> tuple[type["JobError"], tuple[ErrorCode, str, str | None]]:
        """An exception is made anew of its arguments where it comes from another process."""
        return JobError, (self.code, self.message, self.field)

    def failure(self) -> Failure:
        """The same error as part of a result."""
        return Failure(code=self.code, message=self.message[:4096], field=self.field)


class JobCancelled(Exception):
    """The job was cancelled; raised at its next step. The engine stays usable."""
