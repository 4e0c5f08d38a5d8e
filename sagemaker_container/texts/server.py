"""Texts of the server: why it doesn't start, and what it answers to a request it can't read."""

from typing import Final

# ---- the start
NO_CUDA: Final = "CONTRAPPOSTO_DEVICE is cuda, and no CUDA device can be used."


def wrong_settings(error: str) -> str:
    """A variable of the environment can't be used, in pydantic's words."""
    return f"The container's settings are wrong: {error}"


# ---- a request
NO_SUCH_ROUTE: Final = "Only GET /ping and POST /invocations are answered."
FAILED: Final = "The container failed; its log says more."


def request_too_large(limit: int) -> str:
    """A request's body of more than `limit` bytes."""
    return f"The request is larger than {limit:,} bytes."
