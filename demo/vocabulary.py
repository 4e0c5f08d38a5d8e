"""Finds CLIP's merges, which the container ships as data."""

from pathlib import Path
from typing import Final

_MERGES: Final = (
    Path(__file__).resolve().parents[1] / "sagemaker_container/configs/clip_merges.txt.gz"
)


def find_vocabulary() -> Path:
    """The gzipped merges; FileNotFoundError when the checkout is not whole."""
    if not _MERGES.is_file():
        raise FileNotFoundError(f"{_MERGES} is missing: name another copy with --vocabulary")
    return _MERGES
