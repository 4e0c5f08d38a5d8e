"""Owns the thread that draws, and begins a new one where the old one was spoilt."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sagemaker_container.engine.memory import has_failed_codegen


class DrawingThread:
    """Runs one piece of work after the other, in the same thread as long as that is sound."""

    def __init__(self) -> None:
        self._pool = self._fresh()

    def run(self, work: Callable[[], None]) -> None:
        """Do it and wait. Raises what it raises."""

        def done() -> bool:
            work()
            return has_failed_codegen()

        if self._pool.submit(done).result():
            self._pool.shutdown()
            self._pool = self._fresh()

    @staticmethod
    def _fresh() -> ThreadPoolExecutor:
        return ThreadPoolExecutor(1, thread_name_prefix="draw")
