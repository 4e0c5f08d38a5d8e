"""A1111's prompt syntax through the real container."""

import pytest

from tests.container.conftest import Bits, Container


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
def test_two_ways_to_say_the_same(container: Container, bits: Bits, prompt: str, same: str) -> None:
    found = container.draw(prompt=prompt, cfg_scale=5), container.draw(prompt=same, cfg_scale=5)
    assert bits(found[0]) == bits(found[1])
    assert found[0].pictures[0].infotext.startswith(prompt)


def test_everything_that_changes_a_picture(container: Container, bits: Bits) -> None:
    prompts = ["a dog", "a cat", "a [dog:cat:0.5]", "a [dog|cat]", "a dog AND a cat",
               "a dog AND a cat :0.5", "a [dog::0.5]", "a [cat:0.5]", "a dog BREAK a cat",
               "a ((dog))", "a [dog]"]  # fmt: skip
    drawn = [container.draw(prompt=prompt) for prompt in prompts]
    assert len({bits(result) for result in drawn}) == len(prompts)
    negative = container.draw(prompt="a dog", negative_prompt="[cat:bird:0.5]")
    assert bits(negative) != bits(container.draw(prompt="a dog", negative_prompt="cat"))
