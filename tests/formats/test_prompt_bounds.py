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


@pytest.mark.parametrize(
    "prompt",
    [
        "(a:500) (b:-500) (c:0) (d:.5) (e:+2.)",
        "((a:22):22)",
        "(((a:100):0.01):100)",
        "(a:1000 b) a:1000 1000) (a:1e309) (a:nan) (a:inf) (a:-inf) (a:1_000)",
        r"\(a:1000\)",
        "at 12:3000",
        "[a:b:1e309]",
        "a AND b:500 AND c:-500 AND d: 1e309 AND e:nan",
    ],
)
def test_weights_within_the_limit(prompt: str) -> None:
    """What A1111 takes for a word stays one."""
    assert GenerationRequest.model_validate({**GOOD, "prompt": prompt}).prompt == prompt


@pytest.mark.parametrize(
    ("prompt", "message"),
    [
        ("(a:501)", "at “:501)”"),
        ("(a : -501 )", "at “: -501 )”"),
        ("(a:" + "9" * 400 + ")", "at “:9999"),
        ("((a:100):100)", "at “:100)”"),
        ("((a:0):1) ((b (c:30)) d:30)", "at “:30)”"),
        ("(" * 8 + "(a:400)", "at “(”"),
        ("(a [b) c:501:0.5] (d:600)", "at “:600)”"),
        (r"(a\:501)", "at “:501)”"),
        ("[(a:501):b:3]", "at “:501)”"),
    ],
)
@pytest.mark.parametrize("field", ["prompt", "negative_prompt"])
def test_a_weight_beyond_the_limit(field: str, prompt: str, message: str) -> None:
    (problem,) = problems(field, prompt)
    assert problem.path == (field,)
    assert message in problem.message
    assert problem.message.endswith("goes from -500 to 500.")


@pytest.mark.parametrize("weight", ["501", "-500.1", "9" * 400])
def test_a_weight_of_and_beyond_the_limit(weight: str) -> None:
    (problem,) = problems("prompt", f"a AND b: {weight} AND c")
    assert problem.path == ("prompt",)
    assert problem.message.startswith("The weight “" + weight[:60])


def test_every_number_of_a_request_has_both_its_bounds() -> None:
    """An unbounded one may be infinite, or too large for what is made of it."""
    schema = GenerationRequest.model_json_schema()
    parts = [schema, *schema["$defs"].values()]
    fields = [(n, f) for part in parts for n, f in part.get("properties", {}).items()]
    numbers = [
        (name, choice)
        for name, field in fields
        for choice in (field, *field.get("anyOf", ()), field.get("items", {}))
        if choice.get("type") in {"number", "integer"}
    ]
    assert len(numbers) > 20
    for name, choice in numbers:
        lowest = {"minimum", "exclusiveMinimum"} & choice.keys()
        assert (lowest and "maximum" in choice) or "const" in choice, name
