"""Knows when memory is full, in PyTorch's ways of saying so, and makes do with less of it."""

import gc
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

import torch

from formats.generation.result import ErrorCode
from sagemaker_container.errors import JobError

Item = TypeVar("Item")
Made = TypeVar("Made")

FULL: Final = (RuntimeError, MemoryError)
"""What is raised when memory is full; a RuntimeError may mean something else."""
_NO_PRIMITIVE: Final = "could not create a primitive"
"""oneDNN's words when there is no memory for the code that it generates."""
_SAID: Final = ("allocate memory", "not enough memory", "memory is full", _NO_PRIMITIVE)

_thread = threading.local()


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error says that the GPU's or this machine's memory is used up."""
    told = isinstance(error, torch.OutOfMemoryError | MemoryError)
    return told or any(words in str(error) for words in _SAID)


def note_failed_codegen(error: Exception) -> None:
    """Remember for this thread that oneDNN could not generate code, where the error says so."""
    if _NO_PRIMITIVE in str(error):
        _thread.codegen_failed = True


def has_failed_codegen() -> bool:
    """Whether oneDNN can generate no more code in this thread, however much memory there is.

    Its generator keeps its last error for each thread and never takes it back
    (oneDNN third_party/xbyak/xbyak.h, local::SetError).
    """
    return getattr(_thread, "codegen_failed", False)


def free_memory() -> None:
    """Give back what PyTorch keeps for later."""
    gc.collect()
    torch.cuda.empty_cache()


@contextmanager
def refusing() -> Iterator[None]:
    """Full memory becomes a refusal of the job. Raises JobError(OUT_OF_MEMORY)."""
    try:
        yield
    except FULL as error:
        if not is_out_of_memory(error):
            raise
        note_failed_codegen(error)
        free_memory()
        message = "The instance has too little memory for this job; make smaller or fewer pictures."
        raise JobError(ErrorCode.OUT_OF_MEMORY, message) from error


def retried(work: Callable[[], Made], release: Callable[[], None], times: int = 1) -> Made:
    """Do it, and where memory is full, again after `release`, so many times at most."""
    for _ in range(times):
        try:
            return work()
        except FULL as error:
            if not is_out_of_memory(error):
                raise
            note_failed_codegen(error)
        # Out of the handler, whose traceback would keep what the try had allocated.
        release()
        free_memory()
    return work()


def in_halves(
    make: Callable[[Sequence[Item]], Iterable[Made]],
    items: Sequence[Item],
    release: Callable[[], None],
) -> list[Made]:
    """Make all items at once, and where memory is full, half of them at a time, after `release`.

    A single item that doesn't fit raises what PyTorch raised.
    """
    try:
        return list(make(items))
    except FULL as error:
        if len(items) == 1 or not is_out_of_memory(error):
            raise
        note_failed_codegen(error)
    release()
    free_memory()
    half = len(items) // 2
    first = in_halves(make, items[:half], release)
    return first + in_halves(make, items[half:], release)
