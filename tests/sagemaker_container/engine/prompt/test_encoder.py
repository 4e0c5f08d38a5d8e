"""Encoded prompts of each family: layers, padding, clip skip, schedules, AND, emphasis."""

from collections.abc import Callable

import pytest
import torch
from transformers import CLIPTokenizer

from formats.generation.result import ErrorCode
from formats.prompt_bounds import check_and, check_syntax
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.engine.prompt.encoder import (
    EncodedPrompts,
    PromptEncoder,
    PromptSpec,
    apply_emphasis,
)
from sagemaker_container.errors import JobError
from tests.sagemaker_container.conftest import Opener

START, END = 49406, 49407
Encode = Callable[..., EncodedPrompts]


@pytest.fixture
def encode(tokenizer: CLIPTokenizer) -> Encode:
    def encoded(
        checkpoint: Checkpoint, prompt: str, negative: str = "", clip_skip: int = 1
    ) -> EncodedPrompts:
        encoder = PromptEncoder(tokenizer, checkpoint.text_encoders)
        return encoder.encode(PromptSpec(prompt, negative, clip_skip, steps=10))

    return encoded


def hidden_states(encoded: EncodedPrompts) -> torch.Tensor:
    """Of the only prompt."""
    (prompt,) = encoded.prompt
    return prompt.at_step(0).hidden_states


def test_a_plain_prompt_is_encoded_as_the_text_encoder_does(
    checkpoint: Checkpoint, tokenizer: CLIPTokenizer, encode: Encode
) -> None:
    encoded = encode(checkpoint, "a dog")
    ids = tokenizer("a dog", padding="max_length", return_tensors="pt").input_ids
    with torch.no_grad():
        assert torch.equal(hidden_states(encoded), checkpoint.text_encoder(ids).last_hidden_state)
    assert encoded.tokens == 2


def test_both_prompts_have_equal_lengths(checkpoint: Checkpoint, encode: Encode) -> None:
    encoded = encode(checkpoint, "dog " * 160, "cat")
    assert (
        hidden_states(encoded).shape
        == encoded.negative.at_step(0).hidden_states.shape
        == (1, 3 * 77, 64)
    )


def test_clip_skip_takes_an_earlier_layer(
    checkpoint: Checkpoint, tokenizer: CLIPTokenizer, encode: Encode
) -> None:
    """diffusers' own clip_skip raises AttributeError with transformers 5."""
    ids = tokenizer("a dog", padding="max_length", return_tensors="pt").input_ids
    with torch.no_grad():
        hidden = checkpoint.text_encoder(ids, output_hidden_states=True).hidden_states
        first = checkpoint.text_encoder.final_layer_norm(hidden[1])
        last = checkpoint.text_encoder.final_layer_norm(hidden[2])
    assert torch.equal(hidden_states(encode(checkpoint, "a dog", "", 2)), first)
    assert torch.equal(hidden_states(encode(checkpoint, "a dog", "", 1)), last)
    with pytest.raises(JobError, match="2 layers"):
        encode(checkpoint, "a dog", "", 3)


@pytest.fixture(scope="module")
def xl(loader: NetworkLoader, opened: Opener) -> Checkpoint:
    return loader.load_checkpoint(opened("tiny-xl"))


def padded(ids: list[int], pad: int) -> torch.Tensor:
    return torch.tensor([[START, *ids, END, *[pad] * (75 - len(ids))]])


DOG, CAT = [320, 1929], [320, 2368]


def test_sd2_uses_its_last_loaded_layer_with_norm_and_pads_with_zeros(
    loader: NetworkLoader, opened: Opener, encode: Encode
) -> None:
    checkpoint = loader.load_checkpoint(opened("tiny-sd2"))
    with torch.no_grad():
        wanted = checkpoint.text_encoder(padded(DOG, 0)).last_hidden_state
    assert torch.equal(hidden_states(encode(checkpoint, "a dog")), wanted)
    assert torch.equal(hidden_states(encode(checkpoint, "a dog", "", 2)), wanted)  # as in A1111


def test_sdxl_uses_both_encoders_last_but_one_layer(xl: Checkpoint, encode: Encode) -> None:
    encoded = encode(xl, "a dog BREAK a cat", "a cat")
    first, second = (encoder.model for encoder in xl.text_encoders)
    with torch.no_grad():
        both = [torch.cat([padded(DOG, pad), padded(CAT, pad)]) for pad in (END, 0)]
        one = first(both[0], output_hidden_states=True).hidden_states[-2]
        two = second(both[1], output_hidden_states=True)
    wanted = torch.cat([one, two.hidden_states[-2]], dim=-1)
    pooled, negative = encoded.prompt[0].at_step(0).pooled, encoded.negative.at_step(0).pooled
    assert pooled is not None
    assert negative is not None
    assert torch.equal(hidden_states(encoded), wanted.reshape(1, 154, 128))
    assert torch.equal(pooled, two.text_embeds[:1])
    assert torch.allclose(negative, two.text_embeds[1:], atol=1e-5)
    skipped = encode(xl, "a dog BREAK a cat", "a cat", 2)
    assert torch.equal(hidden_states(skipped), hidden_states(encoded))
    assert not torch.equal(hidden_states(encode(xl, "a (dog:1.3)"))[:, :77], wanted[:1])


def test_an_empty_negative_prompt_is_zeros_for_sdxl(
    xl: Checkpoint, checkpoint: Checkpoint, encode: Encode
) -> None:
    zeros = encode(xl, "a dog").negative.at_step(0)
    assert zeros.pooled is not None
    assert not zeros.hidden_states.any()
    assert not zeros.pooled.any()
    assert encode(xl, "").prompt[0].at_step(0).hidden_states.any()
    assert encode(checkpoint, "a").negative.at_step(0).hidden_states.any()


def test_a_changing_prompt_is_encoded_once_for_each_text(
    checkpoint: Checkpoint, encode: Encode
) -> None:
    """Steps 0 and 1 both use the first text, as in A1111."""
    encoded = encode(checkpoint, "a [dog|cat]", "[x:y:0.5]")
    (prompt,) = encoded.prompt
    dog, cat = (
        hidden_states(encode(checkpoint, "a dog")),
        hidden_states(encode(checkpoint, "a cat")),
    )
    for step, wanted in enumerate((dog, dog, cat, dog, cat)):
        assert torch.equal(prompt.at_step(step).hidden_states, wanted)
    assert prompt.at_step(1) is prompt.at_step(3)
    x, y = (hidden_states(encode(checkpoint, text)) for text in "xy")
    negatives = [encoded.negative.at_step(step).hidden_states for step in range(10)]
    assert all(torch.equal(found, x if i <= 5 else y) for i, found in enumerate(negatives))


def test_prompts_joined_by_and_are_encoded_separately(
    checkpoint: Checkpoint, encode: Encode
) -> None:
    encoded = encode(checkpoint, "a dog AND a cat :0.5 AND " + "bird " * 80)
    assert [prompt.weight for prompt in encoded.prompt] == [1, 0.5, 1]
    assert {prompt.at_step(0).hidden_states.shape for prompt in encoded.prompt} == {(1, 154, 64)}
    assert encoded.tokens == 80
    # Not the same bits: a batch of two chunks may be multiplied otherwise than one of one.
    cat = encoded.prompt[1].at_step(0).hidden_states[:, :77]
    assert torch.allclose(cat, hidden_states(encode(checkpoint, "a cat")), atol=1e-5)


def test_weights_scale_tokens_and_keep_the_mean() -> None:
    states, weights = torch.rand(1, 77, 8), torch.ones(1, 77)
    assert torch.equal(apply_emphasis(states, weights), states)
    weights[0, 3] = 1.5
    found = apply_emphasis(states, weights)
    assert found.mean() == pytest.approx(states.mean().item(), rel=1e-5)
    assert found[0, 3].mean() / states[0, 3].mean() > 1.2


@pytest.mark.parametrize(
    ("prompt", "negative", "field"),
    [("(a:1[0:0:3]00)", "", "prompt"), ("a", "(b:[999|1])", "negative_prompt")],
)
def test_a_weight_that_changes_put_together_is_refused_at_its_field(
    checkpoint: Checkpoint, encode: Encode, prompt: str, negative: str, field: str
) -> None:
    check_and(check_syntax(prompt))
    check_syntax(negative)
    with pytest.raises(JobError, match="goes from -500 to 500") as refused:
        encode(checkpoint, prompt, negative)
    assert refused.value.code is ErrorCode.BAD_REQUEST
    assert refused.value.field == field
