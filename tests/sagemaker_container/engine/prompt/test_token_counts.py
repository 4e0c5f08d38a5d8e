"""What the prompt box shows as a prompt's tokens is what the container makes of it."""

import pytest

from formats.generation.extra_networks import split_loras
from formats.prompt_bounds import split_and
from sagemaker_container.engine.prompt.chunks import Chunker
from sagemaker_container.engine.prompt.schedule import prompt_schedule
from sagemaker_container.engine.prompt.tokenizer import CHUNK_TOKENS, clip_tokenizer
from tests.support.prompt_tokens import COUNTS, STEPS

CHUNKER = Chunker(clip_tokenizer())


@pytest.mark.parametrize("prompt", COUNTS)
def test_the_container_counts_as_the_table_says(prompt: str) -> None:
    clean, _ = split_loras(prompt)
    texts = [text for part, _ in split_and(clean) for _, text in prompt_schedule(part, STEPS)]
    chunks = [CHUNKER.chunks(text) for text in texts]
    assert max((len(c) - 1) * CHUNK_TOKENS + len(c[-1]) for c in chunks) == COUNTS[prompt]
