"""Prompts: the vocabulary, A1111's emphasis, chunks of 75, clip skip."""

import pytest
import torch
from transformers import CLIPTokenizer

from sagemaker_container.engine.checkpoint import Checkpoint
from sagemaker_container.engine.loading import Loader
from sagemaker_container.engine.prompt_chunks import Chunker, Token, split
from sagemaker_container.engine.prompt_encoder import PromptEncoder, weighted
from sagemaker_container.engine.prompt_syntax import parse, refuse_unsupported
from sagemaker_container.errors import JobError
from tests.engine.conftest import Opener

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
        ("a BREAK b", [[("a ", 1)], [("b", 1)]]),
        ("(a BREAK b:1.5)", [[("a ", 1.5)], [("b", 1.5)]]),
        ("UNBREAKABLE Bob", [[("UNBREAKABLE Bob", 1)]]),
        ("[a)", [[("a)", 0.909)]]),
        ("", [[]]),
    ],
)
def test_emphasis(prompt: str, pieces: list[list[tuple[str, float]]]) -> None:
    found = [[(piece.text, round(piece.weight, 3)) for piece in part] for part in parse(prompt)]
    assert found == pieces


@pytest.mark.parametrize("prompt", ["[a:b:0.5]", "[a:3]", "[cat|dog]", "a AND b"])
def test_what_would_mean_something_else_is_refused(prompt: str) -> None:
    with pytest.raises(JobError, match="not supported"):
        refuse_unsupported(prompt, "prompt")


@pytest.mark.parametrize("prompt", ["[a]", "(a:1.5)", "band AND_x and", r"\[a:b:0.5\]", "a|b"])
def test_what_is_fine_is_not(prompt: str) -> None:
    refuse_unsupported(prompt, "prompt")


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
    chunks = split([[Token(number, 1)] for number in ids], COMMA)
    assert [len(chunk) for chunk in chunks] == lengths


@pytest.mark.parametrize(
    ("prompt", "lengths"),
    [("a BREAK b", [1, 1]), ("BREAK a", [0, 1]), ("a BREAK", [1]), ("a BREAK BREAK b", [1, 0, 1])],
)
def test_every_break_ends_a_chunk(
    tokenizer: CLIPTokenizer, prompt: str, lengths: list[int]
) -> None:
    assert [len(chunk) for chunk in Chunker(tokenizer).chunks(prompt)] == lengths


def test_a_plain_prompt_is_encoded_as_the_text_encoder_does(
    checkpoint: Checkpoint, tokenizer: CLIPTokenizer
) -> None:
    encoded = PromptEncoder(tokenizer, checkpoint.text_encoders).encode("a dog", "", 1)
    ids = tokenizer("a dog", padding="max_length", return_tensors="pt").input_ids
    with torch.no_grad():
        assert torch.equal(encoded.prompt, checkpoint.text_encoder(ids).last_hidden_state)
    assert encoded.tokens == 2


def test_both_prompts_get_equal_lengths(checkpoint: Checkpoint, tokenizer: CLIPTokenizer) -> None:
    encoded = PromptEncoder(tokenizer, checkpoint.text_encoders).encode("dog " * 160, "cat", 1)
    assert encoded.prompt.shape == encoded.negative.shape == (1, 3 * 77, 64)


def test_clip_skip_takes_an_earlier_layer(checkpoint: Checkpoint, tokenizer: CLIPTokenizer) -> None:
    """diffusers' own clip_skip raises AttributeError with transformers 5."""
    encoder = PromptEncoder(tokenizer, checkpoint.text_encoders)
    ids = tokenizer("a dog", padding="max_length", return_tensors="pt").input_ids
    with torch.no_grad():
        states = checkpoint.text_encoder(ids, output_hidden_states=True).hidden_states
        first = checkpoint.text_encoder.final_layer_norm(states[1])
        last = checkpoint.text_encoder.final_layer_norm(states[2])
    assert torch.equal(encoder.encode("a dog", "", 2).prompt, first)
    assert torch.equal(encoder.encode("a dog", "", 1).prompt, last)
    with pytest.raises(JobError, match="2 layers"):
        encoder.encode("a dog", "", 3)


@pytest.fixture(scope="module")
def xl(loader: Loader, opened: Opener) -> Checkpoint:
    return loader.checkpoint(opened("tiny-xl"))


def padded(ids: list[int], pad: int) -> torch.Tensor:
    return torch.tensor([[START, *ids, END, *[pad] * (75 - len(ids))]])


DOG, CAT = [320, 1929], [320, 2368]


def test_sd2_reads_its_last_kept_layer_normed_and_pads_with_zeros(
    loader: Loader, opened: Opener, tokenizer: CLIPTokenizer
) -> None:
    checkpoint = loader.checkpoint(opened("tiny-sd2"))
    encoder = PromptEncoder(tokenizer, checkpoint.text_encoders)
    with torch.no_grad():
        wanted = checkpoint.text_encoder(padded(DOG, 0)).last_hidden_state
    assert torch.equal(encoder.encode("a dog", "", 1).prompt, wanted)
    assert torch.equal(encoder.encode("a dog", "", 2).prompt, wanted)  # as in A1111


def test_sdxl_reads_both_encoders_last_but_one_layer(
    xl: Checkpoint, tokenizer: CLIPTokenizer
) -> None:
    encoder = PromptEncoder(tokenizer, xl.text_encoders)
    encoded = encoder.encode("a dog BREAK a cat", "a cat", 1)
    first, second = (encoder.model for encoder in xl.text_encoders)
    with torch.no_grad():
        both = [torch.cat([padded(DOG, pad), padded(CAT, pad)]) for pad in (END, 0)]
        one = first(both[0], output_hidden_states=True).hidden_states[-2]
        two = second(both[1], output_hidden_states=True)
    wanted = torch.cat([one, two.hidden_states[-2]], dim=-1)
    assert torch.equal(encoded.prompt, wanted.reshape(1, 154, 128))
    assert encoded.pooled is not None
    assert encoded.negative_pooled is not None
    assert torch.equal(encoded.pooled, two.text_embeds[:1])
    assert torch.allclose(encoded.negative_pooled, two.text_embeds[1:], atol=1e-5)
    assert torch.equal(encoder.encode("a dog BREAK a cat", "a cat", 2).prompt, encoded.prompt)
    assert not torch.equal(encoder.encode("a (dog:1.3)", "", 1).prompt[:, :77], wanted[:1])


def test_an_empty_negative_prompt_is_nothing_to_sdxl(
    xl: Checkpoint, checkpoint: Checkpoint, tokenizer: CLIPTokenizer
) -> None:
    encoded = PromptEncoder(tokenizer, xl.text_encoders).encode("a dog", "", 1)
    assert encoded.negative_pooled is not None
    assert not encoded.negative.any()
    assert not encoded.negative_pooled.any()
    assert PromptEncoder(tokenizer, checkpoint.text_encoders).encode("a", "", 1).negative.any()


def test_weights_scale_tokens_and_keep_the_mean() -> None:
    states, weights = torch.rand(1, 77, 8), torch.ones(1, 77)
    assert torch.equal(weighted(states, weights), states)
    weights[0, 3] = 1.5
    found = weighted(states, weights)
    assert found.mean() == pytest.approx(states.mean().item(), rel=1e-5)
    assert found[0, 3].mean() / states[0, 3].mean() > 1.2
