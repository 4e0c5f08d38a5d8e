"""Where CLIP's byte-pair merges lie, by which the container reads prompts and the form counts."""

from pathlib import Path
from typing import Final

CLIP_MERGES: Final = Path(__file__).parent / "clip_merges.txt.gz"
"""The first 48,894 merges of `bpe_simple_vocab_16e6.txt.gz` of OpenAI's CLIP (MIT License: see the
file NOTICE), one a line, the most frequent first."""
