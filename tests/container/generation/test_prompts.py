"""A1111's prompt syntax through the real container."""

import numpy as np
import pytest

from tests.container.conftest import LORA, Bits, Container, Store


@pytest.mark.parametrize(
    ("prompt", "same"),
    [
        ("a [cat:dog:0]", "a dog"),
        ("a [cat:dog:99]", "a cat"),
        ("a dog AND a cat :0", "a dog"),
        (r"a \(dog\)", r"a \(dog\)"),
        ("a dog [", "a dog"),
    ],
)
def test_two_ways_to_say_the_same(
    container: Container, store: Store, prompt: str, same: str
) -> None:
    """But for the last bits: a prompt that counts nothing makes the UNet's batch larger."""
    found = (
        container.generate(prompt=prompt, cfg_scale=5),
        container.generate(prompt=same, cfg_scale=5),
    )
    one, other = (np.asarray(store.image(result.id), np.int16) for result in found)
    assert np.abs(one - other).max() <= 2
    assert found[0].pictures[0].infotext.startswith(prompt)


def test_everything_that_changes_an_image(container: Container, bits: Bits) -> None:
    prompts = [
        "a dog",
        "a cat",
        "a [dog:cat:0.5]",
        "a [dog|cat]",
        "a dog AND a cat",
        "a dog AND a cat :0.5",
        "a [dog::0.5]",
        "a [cat:0.5]",
        "a dog BREAK a cat",
        "a ((dog))",
        "a [dog]",
    ]
    generated = [container.generate(prompt=prompt) for prompt in prompts]
    assert len({bits(result) for result in generated}) == len(prompts)
    negative = container.generate(prompt="a dog", negative_prompt="[cat:bird:0.5]")
    assert bits(negative) != bits(container.generate(prompt="a dog", negative_prompt="cat"))


@pytest.mark.parametrize(
    ("tag", "same"),
    [
        ("<lora:{}:te=0.2:unet=0.9>", "<lora:{}:0.2:0.9>"),
        ("<lyco:{}: 0.8>", "<lora:{}:0.8>"),
        ("<lora:{}.safetensors>", "<lora:{}:1>"),
    ],
)
def test_two_ways_to_write_a_lora(container: Container, bits: Bits, tag: str, same: str) -> None:
    name = LORA.removesuffix(".safetensors")
    first = container.generate(prompt="a dog " + tag.format(name))
    assert bits(first) == bits(container.generate(prompt="a dog " + same.format(name)))
    assert bits(first) != bits(container.generate(prompt="a dog"))
    text = first.pictures[0].infotext
    assert text.startswith(f"a dog {tag.format(name)}\n")  # and no second tag for the same


@pytest.mark.parametrize("tag", ["<lora:x:abc>", "<lora:x:1:1:8>", "<hypernet:x:1>", "<lora:x:1"])
def test_a_tag_that_can_not_be_honoured(container: Container, tag: str) -> None:
    answer = container.post(prompt=f"a dog {tag}")
    assert (answer.status_code, answer.json()["field"]) == (400, "prompt")
    assert tag in answer.json()["message"]
