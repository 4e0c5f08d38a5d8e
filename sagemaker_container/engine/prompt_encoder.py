"""Turns prompts into the tensors that cross-attention reads: chunks, weights, clip skip.

diffusers' own encoding cuts prompts at 77 tokens, and its `clip_skip` fails with transformers 5
(huggingface/diffusers issue 14124); so the pipelines get `prompt_embeds` from here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from transformers import CLIPTextModel, CLIPTokenizer

from formats.result import ErrorCode
from sagemaker_container.engine.prompt_syntax import Piece, parse
from sagemaker_container.engine.tokenizer import CHUNK
from sagemaker_container.errors import JobError

COMMA_REACH: Final = 20
"""A chunk ends at a comma that lies no further back than this (A1111's default)."""


@dataclass(frozen=True)
class Token:
    """One token of a prompt with the weight it is given."""

    id: int
    weight: float


@dataclass(frozen=True)
class Encoded:
    """Both prompts, each 1 x (77 times chunks) x width, and the prompt's length in tokens."""

    prompt: torch.Tensor
    negative: torch.Tensor
    tokens: int
    pooled: torch.Tensor | None = None
    negative_pooled: torch.Tensor | None = None
    """Each 1 x width, of an encoder that `pools`: SDXL's UNet reads them beside the rest."""


class PromptEncoder:
    """Encodes with one checkpoint's text encoder."""

    def __init__(self, tokenizer: CLIPTokenizer, text_encoder: CLIPTextModel) -> None:
        self._tokenizer = tokenizer
        self._encoder = text_encoder
        self._comma = tokenizer.convert_tokens_to_ids(",</w>")

    def encode(self, prompt: str, negative: str, clip_skip: int) -> Encoded:
        """Encode both, with as many chunks as the longer one needs.

        `clip_skip` counts layers from the end, 1 is the last. Raises JobError(BAD_REQUEST) for one
        that the encoder doesn't have.
        """
        layers = self._encoder.config.num_hidden_layers
        if clip_skip > layers:
            message = f"This checkpoint's text encoder has {layers} layers."
            raise JobError(ErrorCode.BAD_REQUEST, message, "clip_skip")
        wanted, unwanted = self._chunks(prompt), self._chunks(negative)
        count = max(len(wanted), len(unwanted))
        return Encoded(
            prompt=self._encode(_padded(wanted, count), clip_skip),
            negative=self._encode(_padded(unwanted, count), clip_skip),
            tokens=sum(len(chunk) for chunk in wanted),
        )

    def _chunks(self, prompt: str) -> list[list[Token]]:
        chunks: list[list[Token]] = []
        for section in parse(prompt):
            tokens = self._tokens(section)
            chunks += split(tokens, self._comma) if tokens or not chunks else []
        return chunks

    def _tokens(self, section: Sequence[Piece]) -> list[Token]:
        return [
            Token(number, piece.weight)
            for piece in section
            for number in self._tokenizer(piece.text, add_special_tokens=False).input_ids
        ]

    def _encode(self, chunks: Sequence[Sequence[Token]], clip_skip: int) -> torch.Tensor:
        start, end = self._tokenizer.bos_token_id, self._tokenizer.eos_token_id
        ids = [[start, *(t.id for t in c), *[end] * (CHUNK + 1 - len(c))] for c in chunks]
        weights = [[1.0, *(t.weight for t in c), *[1.0] * (CHUNK + 1 - len(c))] for c in chunks]
        device = self._encoder.device
        with torch.no_grad():
            answer = self._encoder(torch.tensor(ids, device=device), output_hidden_states=True)
            states = answer.last_hidden_state
            if clip_skip > 1:
                states = self._encoder.final_layer_norm(answer.hidden_states[-clip_skip])
            states = weighted(states, torch.tensor(weights, device=device))
        return states.reshape(1, -1, states.shape[-1])


def weighted(states: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Scale each token's state, and give each chunk its mean back (A1111's "Original" emphasis).

    `states` is chunks x 77 x width, `weights` chunks x 77. Chunks without weights stay as they are.
    """
    scaled = states * weights.unsqueeze(-1).to(states.dtype)
    ratio = states.mean(dim=(1, 2), keepdim=True) / scaled.mean(dim=(1, 2), keepdim=True)
    ratio = torch.where(torch.isfinite(ratio), ratio, 1)
    plain = (weights == 1).all(dim=1)[:, None, None]
    return torch.where(plain, states, scaled * ratio)


def split(tokens: Sequence[Token], comma: int) -> list[list[Token]]:
    """Tokens in chunks of at most 75, ended early at a near comma; always at least one chunk."""
    chunks, rest = [], list(tokens)
    while len(rest) > CHUNK:
        end = _chunk_end(rest, comma)
        chunks.append(rest[:end])
        rest = rest[end:]
    return [*chunks, rest]


def _chunk_end(tokens: Sequence[Token], comma: int) -> int:
    for end in range(CHUNK, CHUNK - COMMA_REACH, -1):
        if tokens[end - 1].id == comma:
            return end
    return CHUNK


def _padded(chunks: list[list[Token]], count: int) -> list[list[Token]]:
    return chunks + [[] for _ in range(count - len(chunks))]
