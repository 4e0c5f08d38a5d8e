"""A prompt's tokens, A1111's emphasis, and chunks of 75."""

import pytest
from transformers import CLIPTokenizer

from sagemaker_container.engine.prompt.chunks import Chunker, Token, split_chunks
from sagemaker_container.engine.prompt.syntax import parse_emphasis

COMMA = 267


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
    ("prompt", "texts"),
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
def test_emphasis(prompt: str, texts: list[list[tuple[str, float]]]) -> None:
    found = [
        [(text.text, round(text.weight, 3)) for text in part] for part in parse_emphasis(prompt)
    ]
    assert found == texts


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
