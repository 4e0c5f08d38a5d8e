"""Encodes prompts to the embeddings that cross-attention reads: chunks, emphasis, clip skip.

diffusers' own encoding cuts prompts at 77 tokens, and its `clip_skip` fails with transformers 5
(huggingface/diffusers issue 14124).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from transformers import CLIPTokenizer

from formats.generation.result import ErrorCode
from formats.prompt_bounds import is_weight, split_and
from formats.texts import weight_too_large
from sagemaker_container.engine.models.checkpoint import TextEncoder
from sagemaker_container.engine.models.text_encoders import check_clip_skip
from sagemaker_container.engine.prompt.chunks import Chunker, Token
from sagemaker_container.engine.prompt.embeddings import Embedding
from sagemaker_container.engine.prompt.schedule import prompt_schedule
from sagemaker_container.engine.prompt.tokenizer import CHUNK_TOKENS
from sagemaker_container.errors import JobError

Chunk = Sequence[Token]


@dataclass(frozen=True)
class PromptEmbeds:
    """An encoded text."""

    hidden_states: torch.Tensor
    """1 x (77 times chunks) x width."""
    pooled: torch.Tensor | None
    """1 x width, if a text encoder `has_pooled_output`, which SDXL's UNet reads too."""


@dataclass(frozen=True)
class ScheduledPrompt:
    """A prompt whose text may change over the steps."""

    schedule: tuple[tuple[int, PromptEmbeds], ...]
    """Each text's embeddings, with the last step that they are used at."""
    weight: float = 1.0
    """Of one of several prompts that are joined by AND."""

    def at_step(self, step: int) -> PromptEmbeds:
        """The embeddings at a step, counted from 0.

        The first text is used for one step more than its schedule says, because A1111
        (modules/prompt_parser.py, reconstruct_cond_batch) compares with a step counted from 0.
        """
        found = (embeds for end, embeds in self.schedule if step <= end)
        return next(found, self.schedule[-1][1])


@dataclass(frozen=True)
class EncodedPrompts:
    """An image's prompt and negative prompt; all embeddings have the same number of chunks."""

    prompt: tuple[ScheduledPrompt, ...]
    """Several if the prompt has an AND."""
    negative: ScheduledPrompt
    tokens: int
    """Length of the prompt's longest text."""
    embeddings: tuple[Embedding, ...] = ()
    """The textual inversions that the prompts name."""

    @property
    def length(self) -> int:
        """How many tokens the UNet reads, padding included; the same at every step."""
        return int(self.negative.at_step(0).hidden_states.shape[1])


@dataclass(frozen=True)
class PromptSpec:
    """The prompts of one pass, and how they are encoded."""

    prompt: str
    negative: str
    clip_skip: int
    """Layers from the end, 1 is the last."""
    steps: int
    first_pass_steps: int | None = None
    """If this is the second pass (hires fix)."""

    def schedule(self, text: str) -> list[tuple[int, str]]:
        """A prompt's texts, each with the last step that it is used at."""
        return prompt_schedule(text, self.steps, self.first_pass_steps)


class PromptEncoder:
    """Encodes with one checkpoint's text encoders and the job's textual inversions."""

    def __init__(
        self,
        tokenizer: CLIPTokenizer,
        text_encoders: Sequence[TextEncoder],
        embeddings: Sequence[Embedding] = (),
    ) -> None:
        self._start_id, self._end_id = tokenizer.bos_token_id, tokenizer.eos_token_id
        self._encoders = text_encoders
        self._chunker = Chunker(tokenizer, embeddings)
        widths = [encoder.transformer.config.hidden_size for encoder in text_encoders]
        for embedding in embeddings:
            embedding.check_fits(widths)

    def encode(self, spec: PromptSpec, check: Callable[[], None] = lambda: None) -> EncodedPrompts:
        """Encode every text of both prompts, each once; `check` is called in between.

        Raises JobError(BAD_REQUEST) for a clip skip that the encoder doesn't have, and for a weight
        beyond the limit that changes over the steps put together, as `(a:1[0:0:3]00)` does.
        """
        self._check_clip_skip(spec.clip_skip)
        schedules = [(spec.schedule(text), weight) for text, weight in split_and(spec.prompt)]
        negative = spec.schedule(spec.negative)
        chunks = {
            text: self._chunker.chunks(text)
            for schedule in (*(schedule for schedule, _ in schedules), negative)
            for _, text in schedule
        }
        _check_weights(chunks, [text for one, _ in schedules for _, text in one], "prompt")
        _check_weights(chunks, [text for _, text in negative], "negative_prompt")
        embeds = self._encode_texts(chunks, spec.clip_skip, check)
        prompt = [_scheduled_prompt(schedule, embeds, weight) for schedule, weight in schedules]
        if not spec.negative:
            embeds = {text: _empty_negative(one) for text, one in embeds.items()}
        return EncodedPrompts(
            prompt=tuple(prompt),
            negative=_scheduled_prompt(negative, embeds),
            tokens=max(_token_count(chunks[t]) for schedule, _ in schedules for _, t in schedule),
            embeddings=tuple(self._chunker.used.values()),
        )

    def _check_clip_skip(self, clip_skip: int) -> None:
        for encoder in self._encoders:
            if encoder.uses_clip_skip:
                check_clip_skip(clip_skip, encoder.transformer.config.num_hidden_layers)

    def _encode_texts(
        self, chunks: Mapping[str, list[list[Token]]], clip_skip: int, check: Callable[[], None]
    ) -> dict[str, PromptEmbeds]:
        """Encode each text with as many chunks as the longest one needs."""
        count = max(map(len, chunks.values()))
        embeds = {}
        for text, own in chunks.items():
            check()
            padding: list[list[Token]] = [[] for _ in range(count - len(own))]
            embeds[text] = self._encode_chunks(own + padding, clip_skip)
        return embeds

    def _encode_chunks(self, chunks: Sequence[Chunk], clip_skip: int) -> PromptEmbeds:
        """Concatenate all encoders' hidden states; pooled is the first chunk's."""
        padding = CHUNK_TOKENS + 1
        rows = [[1.0, *(t.weight for t in c), *[1.0] * (padding - len(c))] for c in chunks]
        states, pooled = [], None
        for number, encoder in enumerate(self._encoders):
            hidden, embeds = self._run(number, encoder, chunks)
            weights = torch.tensor(rows, device=encoder.model.device)
            with torch.no_grad():
                selected = _select_layer(encoder, hidden, clip_skip)
                states.append(apply_emphasis(selected, weights))
            pooled = pooled if embeds is None else embeds[:1].clone()
        concatenated = torch.cat(states, dim=-1) if len(states) > 1 else states[0]
        return PromptEmbeds(concatenated.reshape(1, -1, concatenated.shape[-1]), pooled)

    def _run(
        self, number: int, encoder: TextEncoder, chunks: Sequence[Chunk]
    ) -> tuple[Sequence[torch.Tensor], torch.Tensor | None]:
        """All layers' hidden states, and the projected end tokens where the encoder has them."""
        rows = torch.tensor([self._ids(chunk, encoder.pad_id) for chunk in chunks])
        ids = rows.to(encoder.model.device)
        if not any(token.vectors for chunk in chunks for token in chunk):
            return encoder.graphs.run(encoder.model, ids)
        with torch.no_grad(), _embedding_vectors(chunks, number, encoder):
            output = encoder.model(ids, output_hidden_states=True)
        return output.hidden_states, output.text_embeds if encoder.has_pooled_output else None

    def _ids(self, chunk: Chunk, pad_id: int) -> list[int]:
        padding = [pad_id] * (CHUNK_TOKENS - len(chunk))
        return [self._start_id, *(token.id for token in chunk), self._end_id, *padding]


def _check_weights(
    chunks: Mapping[str, list[list[Token]]], prompt_texts: Sequence[str], field: str
) -> None:
    for text in prompt_texts:
        if not all(is_weight(token.weight) for chunk in chunks[text] for token in chunk):
            raise JobError(ErrorCode.BAD_REQUEST, weight_too_large(text), field)


def _select_layer(
    encoder: TextEncoder, hidden: Sequence[torch.Tensor], clip_skip: int
) -> torch.Tensor:
    """The hidden states of the layer that the UNet reads, chunks x 77 x width."""
    layer = max(encoder.layer, clip_skip) if encoder.uses_clip_skip else encoder.layer
    states = hidden[-layer]
    if not encoder.final_norm:
        return states
    normed: torch.Tensor = encoder.transformer.final_layer_norm(states)
    return normed


@contextmanager
def _embedding_vectors(
    chunks: Sequence[Chunk], number: int, encoder: TextEncoder
) -> Iterator[None]:
    """In the block, textual inversions' vectors replace the token embeddings at their positions."""
    positions = [
        (row, column, token.vectors[number])
        for row, chunk in enumerate(chunks)
        for column, token in enumerate(chunk, 1)
        if token.vectors
    ]

    def replace_vectors(_: torch.nn.Module, __: object, looked_up: torch.Tensor) -> torch.Tensor:
        for row, column, vector in positions:
            looked_up[row, column] = vector.to(looked_up)
        return looked_up

    if not positions:
        yield
        return
    layer = encoder.transformer.embeddings.token_embedding
    hook = layer.register_forward_hook(replace_vectors)
    try:
        yield
    finally:
        hook.remove()


def _empty_negative(embeds: PromptEmbeds) -> PromptEmbeds:
    """An empty negative prompt: zeros for SDXL, which was trained so; else its encoding.

    Source: AUTOMATIC1111/stable-diffusion-webui modules/sd_models_xl.py (force_zero_embeddings).
    """
    if embeds.pooled is None:
        return embeds
    return PromptEmbeds(torch.zeros_like(embeds.hidden_states), torch.zeros_like(embeds.pooled))


def apply_emphasis(states: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Multiply each token's state by its weight, and restore each chunk's mean.

    This is A1111's "Original" emphasis. `states` is chunks x 77 x width, `weights` chunks x 77.
    Chunks whose weights are all 1 are not changed.
    """
    scaled = states * weights.unsqueeze(-1).to(states.dtype)
    ratio = states.mean(dim=(1, 2), keepdim=True) / scaled.mean(dim=(1, 2), keepdim=True)
    ratio = torch.where(torch.isfinite(ratio), ratio, 1)
    is_plain = (weights == 1).all(dim=1)[:, None, None]
    return torch.where(is_plain, states, scaled * ratio)


def _scheduled_prompt(
    schedule: Sequence[tuple[int, str]], embeds: Mapping[str, PromptEmbeds], weight: float = 1.0
) -> ScheduledPrompt:
    return ScheduledPrompt(tuple((end, embeds[text]) for end, text in schedule), weight)


def _token_count(chunks: Sequence[Chunk]) -> int:
    return sum(len(chunk) for chunk in chunks)
