"""The inference container: SageMaker's HTTP contract in front of a diffusers engine."""

from typing import Final

VERSION: Final = "0.1.0"
"""Repeated from pyproject.toml, because the container's image holds no installed package."""
