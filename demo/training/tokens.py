"""Owns the words: CLIP's tokenizer, and the short table of tokens that are trained.

Only tokens of words that captions use get a vector of their own. All others share one, so that
an unknown word never means anything; the exporter writes that vector into their rows.
"""

import gzip
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from transformers import CLIPTokenizer

from demo.painting.captions import vocabulary

LENGTH: Final = 77
VOCABULARY: Final = 49_408
"""CLIP's: 256 bytes, the same ending a word, 48,894 merges and two marks."""

PLACEHOLDER: Final = "<*>"
"""Stands in captions for the vectors of the textual inversion."""

_MERGES: Final = 49_152 - 256 - 2


def clip_tokenizer(path: Path) -> CLIPTokenizer:
    """CLIP's tokenizer from its gzipped merges, one a line, as the container ships them."""
    lines = gzip.decompress(path.read_bytes()).decode().split("\n")
    merges = [(a, b) for a, b in (line.split() for line in lines[:_MERGES])]
    letters = _letters()
    names = [*letters, *(letter + "</w>" for letter in letters), *("".join(m) for m in merges)]
    names += ["<|startoftext|>", "<|endoftext|>"]
    vocab = {name: i for i, name in enumerate(names)}
    return CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=LENGTH)


def _letters() -> list[str]:
    """A printable letter for each byte, in CLIP's order (openai/CLIP `simple_tokenizer.py`)."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    rest = [b for b in range(256) if b not in plain]
    return [chr(b) for b in plain] + [chr(256 + i) for i in range(len(rest))]


class CompactVocabulary:
    """Captions to rows of the short table."""

    def __init__(self, tokenizer: CLIPTokenizer, vectors: int) -> None:
        self.tokenizer = tokenizer
        pieces = tokenizer(vocabulary(), add_special_tokens=False).input_ids
        marks = {tokenizer.bos_token_id, tokenizer.eos_token_id}
        self.known: list[int] = sorted({piece for phrase in pieces for piece in phrase} | marks)
        """Token ids that have a row of their own, in the table's order."""
        self.unknown = len(self.known)
        """The row that all other tokens share."""
        self.placeholder = [self.unknown + 1 + i for i in range(vectors)]
        self.rows = self.unknown + 1 + vectors
        self._row = np.full(VOCABULARY, self.unknown, np.int64)
        self._row[self.known] = np.arange(len(self.known))
        self.end = int(self._row[tokenizer.eos_token_id])

    def encode(self, texts: list[str]) -> NDArray[np.int16]:
        """Rows (len(texts), 77), padded with the end mark as SD1 does."""
        halves = [text.partition(PLACEHOLDER) for text in texts]
        before = self._pieces([half[0] for half in halves])
        after = self._pieces([half[2] for half in halves])
        out = np.full((len(texts), LENGTH), self.end, np.int16)
        start = int(self._row[self.tokenizer.bos_token_id])
        for row, (_, placeholder, _), left, right in zip(out, halves, before, after, strict=True):
            middle = self.placeholder if placeholder else []
            ids = [start, *left, *middle, *right][: LENGTH - 1]
            row[: len(ids)] = ids
        return out

    def _pieces(self, texts: list[str]) -> list[list[int]]:
        ids = self.tokenizer(texts, add_special_tokens=False).input_ids
        return [[int(self._row[i]) for i in text_ids] for text_ids in ids]


def load_words(path: Path, vectors: int) -> CompactVocabulary:
    """The words of a run."""
    return CompactVocabulary(clip_tokenizer(path), vectors)
