"""What `make soak` does for longer than `make test`."""

from collections.abc import Collection

import pytest


def rounds(short: int, long: int) -> pytest.MarkDecorator:
    """Gives a test `rounds`, how often it repeats what it does: `long` in `make soak` alone."""
    return pytest.mark.parametrize("rounds", [short, pytest.param(long, marks=pytest.mark.soak)])


def in_turn(things: Collection[object], cases: Collection[object]) -> list[object]:
    """Parameters of each thing with each case; of a thing's cases all but one are left to
    `make soak`, and from thing to thing it is another one."""
    return [
        pytest.param(thing, case, marks=() if number % len(cases) == turn else pytest.mark.soak)
        for number, thing in enumerate(things)
        for turn, case in enumerate(cases)
    ]


def some(cases: Collection[object], count: int) -> list[object]:
    """Parameters of all cases; those behind the first `count` are left to `make soak`."""
    return [
        pytest.param(case, marks=() if number < count else pytest.mark.soak)
        for number, case in enumerate(cases)
    ]
