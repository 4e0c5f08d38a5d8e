"""Texts of a job as a whole: why it isn't accepted, why it ended, what was done otherwise."""

from typing import Final

# ---- accepting it
STOPPING: Final = "The instance is being stopped; try again."
QUEUE_FULL: Final = "The instance's queue is full; try again later."
REQUEST_CONFLICT: Final = (
    "Another request has this id already; send this one with an id of its own."
)


# ---- its end
CANCELLED: Final = "The job was cancelled."
DRAINED: Final = "The instance was stopped before the picture was finished; run the job again."
OUT_OF_MEMORY: Final = (
    "The instance has too little memory for this job; make smaller or fewer pictures."
)


def failed(error: str) -> str:
    """One of our own bugs; `error` is the name of Python's error."""
    return f"The container failed: {error}. Its log says more."


# ---- its worker process is lost
WORKER_STOPPED: Final = "The worker process was ended."
WORKER_NOT_STARTED: Final = "The worker process could not be started again."
WORKER_KILLED: Final = (
    "The worker process was ended by signal 9, as the system does when memory runs out, while it "
    "made the picture. Run the job again, or a smaller one."
)


def worker_hung(seconds: float) -> str:
    """It sent nothing for so long."""
    return (
        f"The worker process gave no sign of life for {seconds:g} s while it made the picture, "
        "and was replaced. Run the job again."
    )


def worker_ended_by_signal(number: int) -> str:
    """Any signal but SIGKILL."""
    return (
        f"The worker process was ended by signal {number} while it made the picture. "
        "Run the job again, or a smaller one."
    )


def worker_exited(status: int | None) -> str:
    """It ended on its own, with an exit status if that is known."""
    return (
        f"The worker process ended ({status}) while it made the picture. "
        "Run the job again, or a smaller one."
    )


# ---- notes
SMALLER_BATCHES: Final = "For want of memory the pictures of a batch were drawn in smaller batches."
CLIP_SKIP_UNUSED: Final = "Clip skip counts for SD 1.x checkpoints alone, and was left out."
