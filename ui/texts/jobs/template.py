"""Texts about the template of a job: the dynamic prompt that its prompt came of."""

from typing import Final

TEMPLATE: Final = "Template"
COMBINATION: Final = "The prompt above is one of its combinations."


def resolved(seed: int) -> str:
    """What made the prompt of the template."""
    return f"With the wildcard seed {seed} it became the prompt above."
