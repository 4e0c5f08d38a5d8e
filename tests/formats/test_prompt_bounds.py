"""A prompt that would cost a container minutes is refused at its field; A1111's others are not."""

from typing import Any

import pytest
from pydantic import ValidationError

from formats.generation.extra_networks import merge_loras
from formats.generation.problems import FieldProblem, field_problems
from formats.generation.request import GenerationRequest
from formats.limits import MAX_AND_PARTS, MAX_BRACKET_DEPTH, MAX_LORAS, MAX_PROMPT_CHANGES

GOOD: dict[str, Any] = {
    "id": "01JD8Z5M3Q8V4T0W9X2Y7R6N5K",
    "checkpoint": "a.safetensors",
    "seed": 1,
}
DEEP, CHANGES, PARTS = MAX_BRACKET_DEPTH, MAX_PROMPT_CHANGES, MAX_AND_PARTS


def problems(field: str, text: str) -> tuple[FieldProblem, ...]:
    with pytest.raises(ValidationError) as refused:
        GenerationRequest.model_validate({**GOOD, "prompt": "a dog", field: text})
    return field_problems(refused.value)


@pytest.mark.parametrize(
    "prompt",
    [
        "(" * DEEP + "a" + ")" * DEEP,
        "(a) " * 1000,
        "[a] " * 1000,
        r"\(" * 4000,
        ":) :| " * 1000,
        "[a:b:0.5] " * CHANGES,
        "[" + "a|" * 1000 + "b]",
        "a AND " * (PARTS - 1) + "b",
        "SAND AND_ and " * 500,
        "[a:[b:c:3]:(d:1.2)]",
        "((a][:b:c [d:3]",
        "a\\",
    ],
)
@pytest.mark.parametrize("field", ["prompt", "negative_prompt"])
def test_a_prompt_within_the_limits(field: str, prompt: str) -> None:
    request = GenerationRequest.model_validate({**GOOD, "prompt": "a dog", field: prompt})
    assert getattr(request, field) == prompt


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        ("(" * 4000, "Has 4000 brackets within brackets; 64 is the limit."),
        ("[" * (DEEP + 1), "Has 65 brackets within brackets; 64 is the limit."),
        ("[(" * DEEP + "a", "Has 128 brackets within brackets; 64 is the limit."),
        ("(]" * (DEEP + 1), "Has 65 brackets within brackets; 64 is the limit."),
        ("[a:b:1]" * (CHANGES + 1), "Changes in 65 places over the steps; 64 is the limit."),
        ("[a|b]" * (CHANGES + 1), "Changes in 65 places over the steps; 64 is the limit."),
    ],
)
@pytest.mark.parametrize("field", ["prompt", "negative_prompt"])
def test_what_is_refused_in_both_prompts(field: str, prompt: str, message: str) -> None:
    assert problems(field, prompt) == (FieldProblem((field,), message),)


def test_too_many_parts_of_and() -> None:
    message = "Joins 700 prompts by AND; 16 is the limit."
    assert problems("prompt", "a AND " * 699 + "b") == (FieldProblem(("prompt",), message),)


def test_a_negative_prompt_has_no_and() -> None:
    negative = "a AND " * 699 + "b"
    request = GenerationRequest.model_validate(
        {**GOOD, "prompt": "a dog", "negative_prompt": negative}
    )
    assert request.negative_prompt == negative


def test_too_many_loras_in_tags() -> None:
    tags = "".join(f"<lora:l{number}:1>" for number in range(MAX_LORAS))
    assert len(merge_loras((), tags * 2)[1]) == MAX_LORAS
    with pytest.raises(ValueError, match="names 9 LoRAs; 8 is the limit"):
        merge_loras((), f"{tags}<lora:one more:1>")
