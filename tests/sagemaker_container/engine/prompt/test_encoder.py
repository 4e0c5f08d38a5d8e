"""Prompts: the vocabulary, A1111's emphasis, chunks of 75, clip skip."""

from collections.abc import Callable

import pytest
import torch
from transformers import CLIPTokenizer

from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.engine.prompt.chunks import Chunker, Token, split_chunks
from sagemaker_container.engine.prompt.encoder import (
    EncodedPrompts,
    PromptEncoder,
    PromptSpec,
    apply_emphasis,
)
from sagemaker_container.engine.prompt.syntax import parse_emphasis
from sagemaker_container.errors import JobError
from tests.sagemaker_container.conftest import Opener

COMMA = 267
START, END = 49406, 49407


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("a cute dog", [320, 2242, 1929]),
        ("A  Cute DOG", [320, 2242, 1929]),
        ("dog,", [1929, COMMA]),
        ("", []),
    ],
)
def test_the_vocabulary_is_clips(tokenizer: CLIPTokenizer, text: str, ids: list[int]) -> None:
    assert tokenizer(text, add_special_tokens=False).input_ids == ids
    assert len(tokenizer) == 49408
    assert (tokenizer.bos_token_id, tokenizer.eos_token_id) == (49406, 49407)
    assert tokenizer.pad_token_id == 49407


@pytest.mark.parametrize(
    ("prompt", "pieces"),
    [
        ("plain words", [[("plain words", 1)]]),
        ("(a)", [[("a", 1.1)]]),
        ("((a))", [[("a", 1.21)]]),
        ("[a]", [[("a", 0.909)]]),
        ("(a:1.3)", [[("a", 1.3)]]),
        ("(a: .5 )", [[("a", 0.5)]]),
        ("x (a (b:2)) y", [[("x ", 1), ("a ", 1.1), ("b", 2.2), (" y", 1)]]),
        (r"\(a\) \\", [[(r"(a) " + "\\", 1)]]),
        ("(a", [[("a", 1.1)]]),
        ("[a", [[("a", 0.909)]]),
        ("a) b]", [[("a) b]", 1)]]),
        ("a:1.5", [[("a:1.5", 1)]]),
        ("time 12:30 (x)", [[("time 12:30 ", 1), ("x", 1.1)]]),
        ("a BREAK b", [[("a", 1)], [("b", 1)]]),
        ("(a BREAK b:1.5)", [[("a", 1.5)], [("b", 1.5)]]),
        ("UNBREAKABLE Bob", [[("UNBREAKABLE Bob", 1)]]),
        ("[a)", [[("a)", 0.909)]]),
        ("(a [b) c]", [[("a ", 1.1), ("b", 1), (" c", 0.909)]]),
        (r"a \b", [[("a b", 1)]]),
        ("normal text", [[("normal text", 1)]]),
        ("an (important) word", [[("an ", 1), ("important", 1.1), (" word", 1)]]),
        ("(unbalanced", [[("unbalanced", 1.1)]]),
        (r"\(literal\]", [[("(literal]", 1)]]),
        ("(unnecessary)(parens)", [[("unnecessaryparens", 1.1)]]),
        (
            "a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).",
            [
                [
                    ("a ", 1),
                    ("house", 1.573),
                    (" ", 1.1),
                    ("on", 1),
                    (" a ", 1.1),
                    ("hill", 0.55),
                    (", sun, ", 1.1),
                    ("sky", 1.464),
                    (".", 1.1),
                ]
            ],
        ),
        ("", [[]]),
    ],
)
def test_emphasis(prompt: str, pieces: list[list[tuple[str, float]]]) -> None:
    found = [
        [(piece.text, round(piece.weight, 3)) for piece in part] for part in parse_emphasis(prompt)
    ]
    assert found == pieces


@pytest.mark.parametrize(
    ("ids", "lengths"),
    [
        ([], [0]),
        ([1] * 75, [75]),
        ([1] * 76, [75, 1]),
        ([1] * 70 + [COMMA] + [1] * 10, [71, 10]),
        ([1] * 50 + [COMMA] + [1] * 30, [75, 6]),
        ([1] * 55 + [COMMA] + [1] * 20, [56, 20]),
        ([1] * 54 + [COMMA] + [1] * 21, [75, 1]),
        ([1] * 70 + [COMMA] + [1] * 4 + [COMMA, 1], [75, 2]),
    ],
)
def test_chunks_end_at_a_near_comma(ids: list[int], lengths: list[int]) -> None:
    chunks = split_chunks([[Token(number, 1)] for number in ids], COMMA)
    assert [len(chunk) for chunk in chunks] == lengths


@pytest.mark.parametrize(
    ("prompt", "lengths"),
    [("a BREAK b", [1, 1]), ("BREAK a", [0, 1]), ("a BREAK", [1]), ("a BREAK BREAK b", [1, 0, 1])],
)
def test_every_break_ends_a_chunk(
    tokenizer: CLIPTokenizer, prompt: str, lengths: list[int]
) -> None:
    assert [len(chunk) for chunk in Chunker(tokenizer).chunks(prompt)] == lengths


Encode = Callable[..., EncodedPrompts]


@pytest.fixture
def encode(tokenizer: CLIPTokenizer) -> Encode:
    def encoded(
        checkpoint: Checkpoint, prompt: str, negative: str = "", clip_skip: int = 1
    ) -> EncodedPrompts:
        encoder = PromptEncoder(tokenizer, checkpoint.text_encoders)
        return encoder.encode(PromptSpec(prompt, negative, clip_skip, steps=10))

    return encoded


def states(encoded: EncodedPrompts) -> torch.Tensor:
    """Of the only prompt."""
    (line,) = encoded.prompt
    return line.at_step(0).hidden_states


def test_a_plain_prompt_is_encoded_as_the_text_encoder_does(
    checkpoint: Checkpoint, tokenizer: CLIPTokenizer, encode: Encode
) -> None:
    encoded = encode(checkpoint, "a dog")
    ids = tokenizer("a dog", padding="max_length", return_tensors="pt").input_ids
    with torch.no_grad():
        assert torch.equal(states(encoded), checkpoint.text_encoder(ids).last_hidden_state)
    assert encoded.tokens == 2


def test_both_prompts_get_equal_lengths(checkpoint: Checkpoint, encode: Encode) -> None:
    encoded = encode(checkpoint, "dog " * 160, "cat")
    assert (
        states(encoded).shape == encoded.negative.at_step(0).hidden_states.shape == (1, 3 * 77, 64)
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
    assert torch.equal(states(encode(checkpoint, "a dog", "", 2)), first)
    assert torch.equal(states(encode(checkpoint, "a dog", "", 1)), last)
    with pytest.raises(JobError, match="2 layers"):
        encode(checkpoint, "a dog", "", 3)


@pytest.fixture(scope="module")
def xl(loader: NetworkLoader, opened: Opener) -> Checkpoint:
    return loader.load_checkpoint(opened("tiny-xl"))


def padded(ids: list[int], pad: int) -> torch.Tensor:
    return torch.tensor([[START, *ids, END, *[pad] * (75 - len(ids))]])


DOG, CAT = [320, 1929], [320, 2368]


def test_sd2_reads_its_last_kept_layer_normed_and_pads_with_zeros(
    loader: NetworkLoader, opened: Opener, encode: Encode
) -> None:
    checkpoint = loader.load_checkpoint(opened("tiny-sd2"))
    with torch.no_grad():
        wanted = checkpoint.text_encoder(padded(DOG, 0)).last_hidden_state
    assert torch.equal(states(encode(checkpoint, "a dog")), wanted)
    assert torch.equal(states(encode(checkpoint, "a dog", "", 2)), wanted)  # as in A1111


def test_sdxl_reads_both_encoders_last_but_one_layer(xl: Checkpoint, encode: Encode) -> None:
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
    assert torch.equal(states(encoded), wanted.reshape(1, 154, 128))
    assert torch.equal(pooled, two.text_embeds[:1])
    assert torch.allclose(negative, two.text_embeds[1:], atol=1e-5)
    skipped = encode(xl, "a dog BREAK a cat", "a cat", 2)
    assert torch.equal(states(skipped), states(encoded))
    assert not torch.equal(states(encode(xl, "a (dog:1.3)"))[:, :77], wanted[:1])


def test_an_empty_negative_prompt_is_nothing_to_sdxl(
    xl: Checkpoint, checkpoint: Checkpoint, encode: Encode
) -> None:
    nothing = encode(xl, "a dog").negative.at_step(0)
    assert nothing.pooled is not None
    assert not nothing.hidden_states.any()
    assert not nothing.pooled.any()
    assert encode(xl, "").prompt[0].at_step(0).hidden_states.any()
    assert encode(checkpoint, "a").negative.at_step(0).hidden_states.any()


def test_a_prompt_that_changes_is_read_once_for_each_text(
    checkpoint: Checkpoint, encode: Encode
) -> None:
    """Step 0 and step 1 both count as the first, as in A1111."""
    encoded = encode(checkpoint, "a [dog|cat]", "[x:y:0.5]")
    (line,) = encoded.prompt
    dog, cat = states(encode(checkpoint, "a dog")), states(encode(checkpoint, "a cat"))
    for step, wanted in enumerate((dog, dog, cat, dog, cat)):
        assert torch.equal(line.at_step(step).hidden_states, wanted)
    assert line.at_step(1) is line.at_step(3)
    x, y = (states(encode(checkpoint, text)) for text in "xy")
    negatives = [encoded.negative.at_step(step).hidden_states for step in range(10)]
    assert all(torch.equal(found, x if i <= 5 else y) for i, found in enumerate(negatives))


def test_prompts_joined_by_and_are_read_apart(checkpoint: Checkpoint, encode: Encode) -> None:
    encoded = encode(checkpoint, "a dog AND a cat :0.5 AND " + "bird " * 80)
    assert [line.weight for line in encoded.prompt] == [1, 0.5, 1]
    assert {line.at_step(0).hidden_states.shape for line in encoded.prompt} == {(1, 154, 64)}
    assert encoded.tokens == 80
    # Not the same bits: a batch of two chunks may be multiplied otherwise than one of one.
    cat = encoded.prompt[1].at_step(0).hidden_states[:, :77]
    assert torch.allclose(cat, states(encode(checkpoint, "a cat")), atol=1e-5)


def test_weights_scale_tokens_and_keep_the_mean() -> None:
    states, weights = torch.rand(1, 77, 8), torch.ones(1, 77)
    assert torch.equal(apply_emphasis(states, weights), states)
    weights[0, 3] = 1.5
    found = apply_emphasis(states, weights)
    assert found.mean() == pytest.approx(states.mean().item(), rel=1e-5)
    assert found[0, 3].mean() / states[0, 3].mean() > 1.2
