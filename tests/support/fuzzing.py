"""How a property is tried on inputs that hypothesis makes up: the same ones at each run."""

from collections.abc import Callable
from typing import Final, TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy

from tests.support.soak import rounds

T = TypeVar("T")

examples: Final = rounds(200, 20_000)
"""Gives a test `rounds`: how many inputs `try_all` tries, more of them in `make soak`."""


def try_all(inputs: SearchStrategy[T], check: Callable[[T], None], rounds: int) -> None:
    """Call `check` with each input. Raises what it raised for the smallest input that fails."""
    chosen = settings(
        max_examples=rounds,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    chosen(given(inputs)(check))()
