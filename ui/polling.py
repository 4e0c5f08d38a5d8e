"""Keeps a part of a page up to date while something is under way; owns every interval."""

from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec

import streamlit as st

JOBS_SECONDS: Final = 1.5
"""A record that was written is on the page within two seconds."""

ENDPOINTS_SECONDS: Final = 2
SETTLED_ENDPOINTS_SECONDS: Final = 15
"""Somebody else may start, stop or replace an endpoint."""
UPLOADS_SECONDS: Final = 1
MOVES_SECONDS: Final = 3
"""What is left of somebody who is removed takes a few queries to count."""
ALERTS_SECONDS: Final = 3
"""From the shared snapshot: what asks AWS is only a job that ended."""

P = ParamSpec("P")


def poll_while(
    is_busy: Callable[..., bool], *, every: float, otherwise: float | None = None
) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Make a function a fragment that runs again every so many seconds while `is_busy`.

    `is_busy` takes the function's own arguments. When its answer has changed the whole page runs
    once: its other parts may depend on it, and the interval does. `otherwise` is the interval in
    seconds while nothing is busy; None runs nothing then.
    """

    def decorate(render: Callable[P, None]) -> Callable[P, None]:
        @wraps(render)
        def part(*args: P.args, **kwargs: P.kwargs) -> None:
            was_busy = is_busy(*args, **kwargs)

            # The name of `render` tells Streamlit one fragment from another.
            @wraps(render)
            def run() -> None:
                render(*args, **kwargs)
                if is_busy(*args, **kwargs) != was_busy:
                    st.rerun()

            st.fragment(run, run_every=every if was_busy else otherwise)()

        return part

    return decorate
