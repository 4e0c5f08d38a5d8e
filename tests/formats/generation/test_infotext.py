"""Infotext is written and read as A1111 does it; the golden cases follow its grammar."""

import pytest

from formats.generation.infotext import quote, read, unquote, with_defaults, write

GOLDEN = [
    pytest.param(
        "a cute dog",
        "blurry",
        {
            "Steps": 20,
            "Sampler": "DPM++ 2M",
            "Schedule type": "Karras",
            "CFG scale": 7.0,
            "Seed": 42,
            "Size": "512x768",
            "Model hash": "0123456789",
            "Model": "toon-v1",
        },
        "a cute dog\nNegative prompt: blurry\nSteps: 20, Sampler: DPM++ 2M, "
        "Schedule type: Karras, CFG scale: 7.0, Seed: 42, Size: 512x768, "
        "Model hash: 0123456789, Model: toon-v1",
        id="the usual",
    ),
    pytest.param(
        "one\ntwo",
        "",
        {"Steps": 1, "Seed": 2, "Lora hashes": "ink: 0a1b, line: 2c3d"},
        'one\ntwo\nSteps: 1, Seed: 2, Lora hashes: "ink: 0a1b, line: 2c3d"',
        id="values with commas and colons are quoted",
    ),
    pytest.param(
        "",
        "",
        {"Steps": 1, "Seed": 2, "Hires prompt": 'say "hi",\nü'},
        'Steps: 1, Seed: 2, Hires prompt: "say \\"hi\\",\\nü"',
        id="quotes and newlines are escaped, letters are not",
    ),
    pytest.param(
        "x",
        "",
        {"Steps": 1, "Denoising strength": None, "Tiling": "Tiling", "Seed": 3},
        "x\nSteps: 1, Tiling, Seed: 3",
        id="None is left out, a key that is its value stands alone",
    ),
]


@pytest.mark.parametrize(("prompt", "negative", "parameters", "text"), GOLDEN)
def test_write(prompt: str, negative: str, parameters: dict[str, object], text: str) -> None:
    assert write(prompt, negative, parameters) == text


@pytest.mark.parametrize(("prompt", "negative", "parameters", "text"), GOLDEN[:3])
def test_read_gives_back_what_was_written(
    prompt: str, negative: str, parameters: dict[str, object], text: str
) -> None:
    info = read(text)
    assert (info.prompt, info.negative_prompt) == (prompt, negative)
    expected = {key: str(value) for key, value in parameters.items() if key != "Size"}
    if "Size" in parameters:
        expected |= {"Size-1": "512", "Size-2": "768"}
    assert {key: info.parameters.get(key) for key in expected} == expected


@pytest.mark.parametrize(
    ("text", "prompt", "negative", "count"),
    [
        ("just a prompt", "just a prompt", "", 0),
        ("a dog\nSteps: 20", "a dog\nSteps: 20", "", 0),
        ("p\nNegative prompt: n1\nn2\nSteps: 1, Seed: 2, Size: 8x8", "p", "n1\nn2", 4),
        ("", "", "", 0),
    ],
)
def test_read_other_texts(text: str, prompt: str, negative: str, count: int) -> None:
    info = read(text)
    assert (info.prompt, info.negative_prompt, len(info.parameters)) == (prompt, negative, count)


def test_an_overlong_text_is_refused() -> None:
    with pytest.raises(ValueError, match="64 KB"):
        read("x" * 65537)


@pytest.mark.parametrize(
    ("line", "count"), [("a" * 65000, 0), (f".{' ' * 65000}.", 0), ('ab: "x,' * 9000, 1)]
)
def test_long_texts_are_read_to_their_end(line: str, count: int) -> None:
    assert len(read(f"x\n{line}").parameters) == count


def test_a_key_has_200_characters_at_most() -> None:
    found = read(f"x\n{'a' * 300}: 1, Seed: 2, Steps: 3").parameters
    assert list(found) == ["a" * 200, "Seed", "Steps"]


LINE = "Steps: 4, Sampler: Euler, Seed: 1"


@pytest.mark.parametrize(
    ("tail", "templates"),
    [
        ("Template: a {red|blue} dog", {"Template": "a {red|blue} dog"}),
        ("Negative Template: __bad__", {"Negative Template": "__bad__"}),
        (
            "Template: a {red|blue}\ndog, a: 1, b: 2, c: 3\nNegative Template: x",
            {"Template": "a {red|blue}\ndog, a: 1, b: 2, c: 3", "Negative Template": "x"},
        ),
        ("Template:", {"Template": ""}),
    ],
)
def test_templates_behind_the_parameters(tail: str, templates: dict[str, str]) -> None:
    """As sd-dynamic-prompts writes them (its pnginfo_saver.py)."""
    info = read(f"a red dog\nNegative prompt: bad\n{LINE}\n{tail}")
    assert (info.prompt, info.negative_prompt) == ("a red dog", "bad")
    assert info.parameters == {"Steps": "4", "Sampler": "Euler", "Seed": "1", **templates}


@pytest.mark.parametrize(
    "templates",
    [
        {"Template": "a {red|blue} dog"},
        {"Template": "a {red|blue}\ndog, a: 1, b: 2, c: 3", "Negative Template": "__bad__"},
        {"Negative Template": "{x|}"},
    ],
)
def test_templates_are_written_behind_the_parameters(templates: dict[str, str]) -> None:
    parameters = {"Steps": 20, "Sampler": "Euler a", "Seed": 1}
    text = write("a red dog", "x", parameters, {**templates, "Empty": ""})
    assert text.endswith("".join(f"\n{name}: {value}" for name, value in templates.items()))
    found = read(text)
    assert (found.prompt, found.negative_prompt) == ("a red dog", "x")
    assert {name: found.parameters[name] for name in templates} == templates


@pytest.mark.parametrize(
    "prompt", ["Template: a dog", "a dog\nTemplate: b", "a: 1, b: 2\nTemplate:"]
)
def test_a_prompt_may_speak_of_templates(prompt: str) -> None:
    assert read(f"{prompt}\n{LINE}").prompt == prompt
    assert read(prompt).prompt == prompt


def test_old_sampler_names_are_split() -> None:
    info = with_defaults(read("x\nSteps: 1, Sampler: DPM++ 2M Karras, Seed: 2"))
    assert info.parameters["Sampler"] == "DPM++ 2M"
    assert info.parameters["Schedule type"] == "Karras"
    assert info.parameters["RNG"] == "GPU"


@pytest.mark.parametrize("value", ["plain", "a, b", "a: b", 'a "b", c', "ü,\n", "", "1.5"])
def test_quote_and_unquote(value: str) -> None:
    assert unquote(quote(value)) == value


@pytest.mark.parametrize("text", ['"', '"broken\\"', "'a'", '"{"'])
def test_unquote_keeps_what_is_no_json_string(text: str) -> None:
    assert unquote(text) in (text, text.strip('"'))
