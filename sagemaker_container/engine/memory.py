"""Detects that memory is used up, in all of PyTorch's ways to say so, and retries with less."""

import gc
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

import torch

from formats.generation.result import ErrorCode
from sagemaker_container.errors import JobError
from sagemaker_container.texts import jobs as texts

Item = TypeVar("Item")
Result = TypeVar("Result")

MEMORY_ERRORS: Final = (RuntimeError, MemoryError)
"""What PyTorch raises when memory is used up; a RuntimeError may mean something else."""
_NO_PRIMITIVE: Final = "could not create a primitive"
"""What oneDNN says if there is no memory for the code that it generates."""
_MESSAGES: Final = ("allocate memory", "not enough memory", "memory is full", _NO_PRIMITIVE)

_thread = threading.local()


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error says that the GPU's or this machine's memory is used up."""
    by_type = isinstance(error, torch.OutOfMemoryError | MemoryError)
    return by_type or any(message in str(error) for message in _MESSAGES)


def note_failed_codegen(error: Exception) -> None:
    """Remember for this thread if the error says that oneDNN could not generate code."""
    if _NO_PRIMITIVE in str(error):
        _thread.codegen_failed = True


def has_failed_codegen() -> bool:
    """Whether oneDNN can generate no more code in this thread, however much memory there is.

    Its generator keeps the last error of each thread and never resets it
    (oneDNN third_party/xbyak/xbyak.h, local::SetError).
    """
    return getattr(_thread, "codegen_failed", False)


def free_cached_memory() -> None:
    """Give back memory that PyTorch holds unused."""
    gc.collect()
    torch.cuda.empty_cache()


@contextmanager
def translate_out_of_memory() -> Iterator[None]:
    """Raises JobError(OUT_OF_MEMORY) when memory is used up in the block."""
    try:
        yield
    except MEMORY_ERRORS as error:
        if not is_out_of_memory(error):
            raise
        note_failed_codegen(error)
        free_cached_memory()
        raise JobError(ErrorCode.OUT_OF_MEMORY, texts.OUT_OF_MEMORY) from error


def retry_out_of_memory(
    work: Callable[[], Result], release: Callable[[], None], times: int = 1
) -> Result:
    """Do the work. When memory is used up, call `release` and try again, so many times at most."""
    for _ in range(times):
        try:
            return work()
        except MEMORY_ERRORS as error:
            if not is_out_of_memory(error):
                raise
            note_failed_codegen(error)
        # Outside of the handler, whose traceback would keep what the attempt had allocated.
        release()
        free_cached_memory()
    return work()


def run_in_halves(
    work: Callable[[Sequence[Item]], Iterable[Result]],
    items: Sequence[Item],
    release: Callable[[], None],
) -> list[Result]:
    """Do the work on all items. When memory is used up, call `release` and halve the items.

    A single item that doesn't fit raises PyTorch's error.
    """
    try:
        return list(work(items))
    except MEMORY_ERRORS as error:
        if len(items) == 1 or not is_out_of_memory(error):
            raise
        note_failed_codegen(error)
    release()
    free_cached_memory()
    half = len(items) // 2
    first = run_in_halves(work, items[:half], release)
    return first + run_in_halves(work, items[half:], release)
