"""Finds CLIP's merges, which travel with the formats."""

from pathlib import Path

from formats.prompts.clip_merges import CLIP_MERGES


def find_vocabulary() -> Path:
    """The gzipped merges; FileNotFoundError when the checkout is not whole."""
    if not CLIP_MERGES.is_file():
        raise FileNotFoundError(f"{CLIP_MERGES} is missing: name another copy with --vocabulary")
    return CLIP_MERGES
