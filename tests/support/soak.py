"""What `make soak` does for longer than `make test`."""

import pytest


def rounds(short: int, long: int) -> pytest.MarkDecorator:
    """Gives a test `rounds`, how often it repeats what it does: `long` in `make soak` alone."""
    return pytest.mark.parametrize("rounds", [short, pytest.param(long, marks=pytest.mark.soak)])
