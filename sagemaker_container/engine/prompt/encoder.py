"""Turns prompts into the tensors that cross-attention reads: chunks, weights, clip skip.

diffusers' own encoding cuts prompts at 77 tokens, and its `clip_skip` fails with transformers 5
(huggingface/diffusers issue 14124); so the pipelines get `prompt_embeds` from here.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from transformers import CLIPTokenizer

from sagemaker_container.engine.models.checkpoint import TextEncoder
from sagemaker_container.engine.models.text_encoders import check_clip_skip
from sagemaker_container.engine.prompt.chunks import Chunker, Token
from sagemaker_container.engine.prompt.embeddings import Embedding
from sagemaker_container.engine.prompt.schedule import changes, conjuncts
from sagemaker_container.engine.prompt.tokenizer import CHUNK

Chunk = Sequence[Token]


@dataclass(frozen=True)
class Reading:
    """A prompt as the UNet reads it: `states` 1 x (77 times chunks) x width."""

    states: torch.Tensor
    pooled: torch.Tensor | None
    """1 x width, of an encoder that `has_pooled_output`: SDXL's UNet reads it beside the rest."""


@dataclass(frozen=True)
class Line:
    """One prompt over the steps."""

    readings: tuple[tuple[int, Reading], ...]
    """What it says, and until which step that counts."""
    weight: float = 1.0
    """Of one of several prompts that are joined by AND."""

    def at(self, step: int) -> Reading:
        """What counts at a step, counted from 0.

        The first entry counts for one step more than it says, as in A1111
        (modules/prompt_parser.py, reconstruct_cond_batch), which compares with 0 first.
        """
        found = (reading for end, reading in self.readings if step <= end)
        return next(found, self.readings[-1][1])


@dataclass(frozen=True)
class Encoded:
    """Both prompts, every reading with the same number of chunks, and the prompt's length."""

    prompt: tuple[Line, ...]
    """Several where the prompt has an AND."""
    negative: Line
    tokens: int
    """Of what the prompt says at its longest."""
    embeddings: tuple[Embedding, ...] = ()
    """The textual inversions that the prompts name."""

    @property
    def length(self) -> int:
        """Tokens that the UNet reads, fillings included; the same at every step."""
        return int(self.negative.at(0).states.shape[1])


@dataclass(frozen=True)
class Asked:
    """The prompts of one pass, and how they are to be read."""

    prompt: str
    negative: str
    clip_skip: int
    """Layers from the end, 1 is the last."""
    steps: int
    first_steps: int | None = None
    """Of the pass before, where this is the second (hires fix)."""

    def changes(self, text: str) -> list[tuple[int, str]]:
        """What a prompt says until which step."""
        return changes(text, self.steps, self.first_steps)


class PromptEncoder:
    """Encodes with one checkpoint's text encoders and the job's textual inversions."""

    def __init__(
        self,
        tokenizer: CLIPTokenizer,
        text_encoders: Sequence[TextEncoder],
        embeddings: Sequence[Embedding] = (),
    ) -> None:
        self._start, self._end = tokenizer.bos_token_id, tokenizer.eos_token_id
        self._encoders = text_encoders
        self._chunker = Chunker(tokenizer, embeddings)
        widths = [encoder.transformer.config.hidden_size for encoder in text_encoders]
        for embedding in embeddings:
            embedding.check_fits(widths)

    def encode(self, asked: Asked, check: Callable[[], None] = lambda: None) -> Encoded:
        """Encode everything that both prompts say, each text once; `check` is called in between.

        Raises JobError(BAD_REQUEST) for a clip skip that the encoder doesn't have.
        """
        self._check(asked.clip_skip)
        said = [(asked.changes(text), weight) for text, weight in conjuncts(asked.prompt)]
        unsaid = asked.changes(asked.negative)
        chunks = {
            text: self._chunker.chunks(text)
            for changes in (*(changes for changes, _ in said), unsaid)
            for _, text in changes
        }
        readings = self._readings(chunks, asked.clip_skip, check)
        prompt = [_line(changes, readings, weight) for changes, weight in said]
        if not asked.negative:
            readings = {text: _nothing(reading) for text, reading in readings.items()}
        return Encoded(
            prompt=tuple(prompt),
            negative=_line(unsaid, readings),
            tokens=max(_length(chunks[text]) for changes, _ in said for _, text in changes),
            embeddings=tuple(self._chunker.used.values()),
        )

    def _readings(
        self, chunks: Mapping[str, list[list[Token]]], clip_skip: int, check: Callable[[], None]
    ) -> dict[str, Reading]:
        """Of each text, all with as many chunks as the longest one needs."""
        count = max(map(len, chunks.values()))
        readings = {}
        for text, its in chunks.items():
            check()
            readings[text] = self._read(_padded(its, count), clip_skip)
        return readings

    def _check(self, clip_skip: int) -> None:
        for encoder in self._encoders:
            if encoder.uses_clip_skip:
                check_clip_skip(clip_skip, encoder.transformer.config.num_hidden_layers)

    def _read(self, chunks: Sequence[Chunk], clip_skip: int) -> Reading:
        """All encoders' states side by side, and the pooled end of the first chunk."""
        rows = [[1.0, *(t.weight for t in c), *[1.0] * (CHUNK + 1 - len(c))] for c in chunks]
        states, pooled = [], None
        for number, encoder in enumerate(self._encoders):
            answer = self._run(number, encoder, chunks)
            weights = torch.tensor(rows, device=encoder.model.device)
            with torch.no_grad():
                states.append(weighted(_layer(encoder, answer, clip_skip), weights))
            pooled = answer.text_embeds[:1] if encoder.has_pooled_output else pooled
        together = torch.cat(states, dim=-1) if len(states) > 1 else states[0]
        return Reading(together.reshape(1, -1, together.shape[-1]), pooled)

    def _run(self, number: int, encoder: TextEncoder, chunks: Sequence[Chunk]) -> Any:
        ids = torch.tensor([self._ids(chunk, encoder.pad_id) for chunk in chunks])
        with torch.no_grad(), _vectors_of(chunks, number, encoder):
            return encoder.model(ids.to(encoder.model.device), output_hidden_states=True)

    def _ids(self, chunk: Chunk, pad_id: int) -> list[int]:
        padding = [pad_id] * (CHUNK - len(chunk))
        return [self._start, *(token.id for token in chunk), self._end, *padding]


def _layer(encoder: TextEncoder, answer: Any, clip_skip: int) -> torch.Tensor:
    """The hidden states that are read, chunks x 77 x width."""
    layer = max(encoder.layer, clip_skip) if encoder.uses_clip_skip else encoder.layer
    states: torch.Tensor = answer.hidden_states[-layer]
    if not encoder.final_norm:
        return states
    normed: torch.Tensor = encoder.transformer.final_layer_norm(states)
    return normed


@contextmanager
def _vectors_of(chunks: Sequence[Chunk], number: int, encoder: TextEncoder) -> Iterator[None]:
    """While this lasts, an embedding's vectors take the place of their tokens' own."""
    places = [
        (row, column, token.vectors[number])
        for row, chunk in enumerate(chunks)
        for column, token in enumerate(chunk, 1)
        if token.vectors
    ]

    def put_in(_: torch.nn.Module, __: object, looked_up: torch.Tensor) -> torch.Tensor:
        for row, column, vector in places:
            looked_up[row, column] = vector.to(looked_up)
        return looked_up

    if not places:
        yield
        return
    hook = encoder.transformer.embeddings.token_embedding.register_forward_hook(put_in)
    try:
        yield
    finally:
        hook.remove()


def _nothing(reading: Reading) -> Reading:
    """An empty negative prompt: SDXL was trained with zeros for it, the others with its encoding.

    Source: AUTOMATIC1111/stable-diffusion-webui modules/sd_models_xl.py (force_zero_embeddings).
    """
    if reading.pooled is None:
        return reading
    return Reading(torch.zeros_like(reading.states), torch.zeros_like(reading.pooled))


def weighted(states: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Scale each token's state, and give each chunk its mean back (A1111's "Original" emphasis).

    `states` is chunks x 77 x width, `weights` chunks x 77. Chunks without weights stay as they are.
    """
    scaled = states * weights.unsqueeze(-1).to(states.dtype)
    ratio = states.mean(dim=(1, 2), keepdim=True) / scaled.mean(dim=(1, 2), keepdim=True)
    ratio = torch.where(torch.isfinite(ratio), ratio, 1)
    plain = (weights == 1).all(dim=1)[:, None, None]
    return torch.where(plain, states, scaled * ratio)


def _line(
    changes: Sequence[tuple[int, str]], readings: Mapping[str, Reading], weight: float = 1.0
) -> Line:
    return Line(tuple((end, readings[text]) for end, text in changes), weight)


def _length(chunks: Sequence[Chunk]) -> int:
    return sum(len(chunk) for chunk in chunks)


def _padded(chunks: list[list[Token]], count: int) -> list[list[Token]]:
    return chunks + [[] for _ in range(count - len(chunks))]
