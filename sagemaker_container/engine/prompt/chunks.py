"""Splits a prompt into chunks of 75 positions, each for a token or an embedding's vector.

Meaning as in AUTOMATIC1111/stable-diffusion-webui modules/sd_hijack_clip.py, tokenize_line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import torch
from transformers import CLIPTokenizer

from sagemaker_container.engine.prompt.embeddings import Embedding
from sagemaker_container.engine.prompt.syntax import WeightedText, parse_emphasis
from sagemaker_container.engine.prompt.tokenizer import CHUNK_TOKENS

COMMA_REACH: Final = 20
"""A chunk ends early at a comma that is at most so many positions back (A1111's default)."""

_VECTOR_ID: Final = 0
"""The token id of a vector; it is lower than the end token's, which encoders look for."""


@dataclass(frozen=True)
class Token:
    """One position of a prompt, with its weight."""

    id: int
    weight: float
    vectors: tuple[torch.Tensor, ...] = field(default=(), compare=False)
    """An embedding's, one for each text encoder, that replace the token's own; else empty."""


class Chunker:
    """Splits prompts into chunks, and records which of the job's embeddings they name."""

    def __init__(self, tokenizer: CLIPTokenizer, embeddings: Sequence[Embedding] = ()) -> None:
        self._tokenizer = tokenizer
        self._comma = tokenizer.convert_tokens_to_ids(",</w>")
        by_name = [(self._ids(embedding.name), embedding) for embedding in embeddings]
        self._by_name = sorted(by_name, key=lambda pair: len(pair[0]), reverse=True)
        self.used: dict[str, Embedding] = {}
        """By name, the embeddings that a prompt named so far."""

    def chunks(self, prompt: str) -> list[list[Token]]:
        """At least one chunk; each BREAK ends one, even an empty one (as in A1111)."""
        *ended, last = [list(self._words(section)) for section in parse_emphasis(prompt)]
        chunks = [chunk for words in ended for chunk in split_chunks(words, self._comma)]
        return chunks + split_chunks(last, self._comma) if last or not chunks else chunks

    def _ids(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False).input_ids)

    def _words(self, section: Sequence[WeightedText]) -> Iterator[list[Token]]:
        """Single tokens, and the vectors of an embedding, which must stay in one chunk."""
        for text in section:
            ids = self._ids(text.text)
            while ids:
                name, embedding = self._embedding_at_start(ids)
                if embedding is None:
                    yield [Token(ids.pop(0), text.weight)]
                    continue
                self.used[embedding.name] = embedding
                yield [Token(_VECTOR_ID, text.weight, vectors) for vectors in embedding.positions]
                ids = ids[len(name) :]

    def _embedding_at_start(self, ids: Sequence[int]) -> tuple[list[int], Embedding | None]:
        """The longest embedding name at the start. Comparing tokens settles case and word ends."""
        found = (pair for pair in self._by_name if pair[0] and ids[: len(pair[0])] == pair[0])
        return next(found, ([], None))


def split_chunks(words: Sequence[Sequence[Token]], comma: int) -> list[list[Token]]:
    """Put words into chunks of at most 75 positions that end early at a near comma."""
    chunks: list[list[Token]] = [[]]
    end = 0  # of the part up to this chunk's last comma
    for word in words:
        is_comma = word[0].id == comma
        if len(chunks[-1]) == CHUNK_TOKENS and not is_comma and end > CHUNK_TOKENS - COMMA_REACH:
            chunks[-1:] = [chunks[-1][:end], chunks[-1][end:]]
            end = 0
        if len(chunks[-1]) + len(word) > CHUNK_TOKENS:
            chunks.append([])
            end = 0
        chunks[-1] += word
        end = len(chunks[-1]) if is_comma else end
    return chunks
