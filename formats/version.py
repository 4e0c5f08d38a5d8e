"""The version of this project: pyproject.toml reads it here, and so does all code."""

from typing import Final

VERSION: Final = "0.2.0"
