"""CLIP's tokenizer, built from the packaged merges; every SD family uses the same vocabulary."""

import gzip
from typing import Final

from transformers import CLIPTokenizer

from formats.prompts.clip_merges import CLIP_MERGES

CHUNK_TOKENS: Final = 75
"""How many tokens of a prompt the text encoder reads at a time, between start and end token."""

_START: Final = "<|startoftext|>"
_END: Final = "<|endoftext|>"


def clip_tokenizer() -> CLIPTokenizer:
    """The tokenizer of SD 1.x: 49,408 tokens, padded with the end token."""
    with gzip.open(CLIP_MERGES, "rt", encoding="utf-8") as file:
        merges = [tuple(line.split()) for line in file]
    letters = _byte_letters()
    tokens = [*letters, *(f"{letter}</w>" for letter in letters)]
    tokens += ["".join(merge) for merge in merges] + [_START, _END]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    return CLIPTokenizer(
        vocab=vocabulary, merges=merges, model_max_length=CHUNK_TOKENS + 2, pad_token=_END
    )


def _byte_letters() -> list[str]:
    """One printable character for each byte, in the order of byte-level BPE (OpenAI, GPT-2)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + i) for i in range(len(others))]
