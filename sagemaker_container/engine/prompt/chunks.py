"""Cuts a prompt into chunks of 75 places: a place is a token, or a vector of an embedding.

Meaning as in AUTOMATIC1111/stable-diffusion-webui modules/sd_hijack_clip.py, tokenize_line.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import torch
from transformers import CLIPTokenizer

from sagemaker_container.engine.prompt.embeddings import Embedding
from sagemaker_container.engine.prompt.syntax import Piece, parse
from sagemaker_container.engine.prompt.tokenizer import CHUNK

COMMA_REACH: Final = 20
"""A chunk ends at a comma that lies no further back than this (A1111's default)."""

_NO_WORD: Final = 0
"""The id at a vector's place; it is lower than the end token, which encoders look for."""


@dataclass(frozen=True)
class Token:
    """One place of a prompt with the weight it is given."""

    id: int
    weight: float
    vectors: tuple[torch.Tensor, ...] = field(default=(), compare=False)
    """One for each text encoder, in place of the token's own; none for a plain word."""


class Chunker:
    """Knows the vocabulary and the job's embeddings, and which of these were used."""

    def __init__(self, tokenizer: CLIPTokenizer, embeddings: Sequence[Embedding] = ()) -> None:
        self._tokenizer = tokenizer
        self._comma = tokenizer.convert_tokens_to_ids(",</w>")
        named = [(self._ids(embedding.name), embedding) for embedding in embeddings]
        self._named = sorted(named, key=lambda pair: len(pair[0]), reverse=True)
        self.used: dict[str, Embedding] = {}
        """By name, those that stood in a prompt so far."""

    def chunks(self, prompt: str) -> list[list[Token]]:
        """At least one chunk; each BREAK ends one, be it empty (A1111 keeps those too)."""
        *ended, last = [list(self._words(section)) for section in parse(prompt)]
        chunks = [chunk for words in ended for chunk in split(words, self._comma)]
        return chunks + split(last, self._comma) if last or not chunks else chunks

    def _ids(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False).input_ids)

    def _words(self, section: Sequence[Piece]) -> Iterator[list[Token]]:
        """Tokens one by one; the vectors of an embedding, which stay in one chunk, together."""
        for piece in section:
            ids = self._ids(piece.text)
            while ids:
                name, embedding = self._starting(ids)
                if embedding is None:
                    yield [Token(ids.pop(0), piece.weight)]
                    continue
                self.used[embedding.name] = embedding
                yield [Token(_NO_WORD, piece.weight, places) for places in embedding.places]
                ids = ids[len(name) :]

    def _starting(self, ids: Sequence[int]) -> tuple[list[int], Embedding | None]:
        """The longest name that the tokens begin with. Tokens know case and word ends for us."""
        found = (pair for pair in self._named if pair[0] and ids[: len(pair[0])] == pair[0])
        return next(found, ([], None))


def split(words: Sequence[Sequence[Token]], comma: int) -> list[list[Token]]:
    """Words in chunks of at most 75 places, ended early at a near comma; at least one chunk."""
    chunks: list[list[Token]] = [[]]
    end = 0  # of the part up to this chunk's last comma
    for word in words:
        is_comma = word[0].id == comma
        if len(chunks[-1]) == CHUNK and not is_comma and end > CHUNK - COMMA_REACH:
            chunks[-1:] = [chunks[-1][:end], chunks[-1][end:]]
            end = 0
        if len(chunks[-1]) + len(word) > CHUNK:
            chunks.append([])
            end = 0
        chunks[-1] += word
        end = len(chunks[-1]) if is_comma else end
    return chunks
