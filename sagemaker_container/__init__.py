"""The container that draws pictures: SageMaker's HTTP contract in front of a diffusers engine."""

from typing import Final

VERSION: Final = "0.1.0"
"""Stands here too, beside pyproject.toml, because the image holds no installed package."""
