"""LoRA tags are read by A1111's grammar, and what can't be honoured is refused by its name."""

import re
from typing import Any

import pytest

from formats.generation.extra_networks import merge_loras, split_loras
from formats.generation.request import LoraUse


@pytest.mark.parametrize(
    ("prompt", "clean", "uses"),
    [
        ("a <lora:ink:0.5> dog", "a  dog", [("ink.safetensors", 0.5, None)]),
        ("<lora:ink.safetensors>", "", [("ink.safetensors", 1.0, None)]),
        ("<lora:ink:0.2:0.9>", "", [("ink.safetensors", 0.9, 0.2)]),
        ("<lora:a:1><lora:a:-0.5>", "", [("a.safetensors", -0.5, None)]),
        ("<lora:a: 0.8 >, x", ", x", [("a.safetensors", 0.8, None)]),
        ("<lora:a:te=0.5:unet=1>", "", [("a.safetensors", 1.0, 0.5)]),
        ("<lora:a:unet=0.5>", "", [("a.safetensors", 0.5, 1.0)]),
        ("<lora:a:te=0.5>", "", [("a.safetensors", 0.5, None)]),
        ("<lora:a:0.1:0.2:te=0.3>", "", [("a.safetensors", 0.2, 0.3)]),
        ("<lora:a:0>", "", [("a.safetensors", 0.0, None)]),
        ("<lyco:my style:.5>", "", [("my style.safetensors", 0.5, None)]),
        ("<lora:a=b:1>", "", [("a=b.safetensors", 1.0, None)]),
        ("<b>plain</b> <token> a < b: c", "<b>plain</b> <token> a < b: c", []),
    ],
)
def test_loras_of_a_prompt(prompt: str, clean: str, uses: list[Any]) -> None:
    found, loras = split_loras(prompt)
    assert found == clean
    assert [(u.name, u.weight, u.text_encoder_weight) for u in loras] == uses


@pytest.mark.parametrize(
    ("tag", "why"),
    [
        ("<lora:a:9>", "-4 to 4"),
        ("<lora:a:nan>", "-4 to 4"),
        ("<lora:a:1:te=5>", "-4 to 4"),
        ("<lora:a:1.2.3>", '"1.2.3" is no number'),
        ("<lora:a:abc>", '"abc" is no number'),
        ("<lora:a:>", '"" is no number'),
        ("<lora:a:unet=>", '"" is no number'),
        ("<lora:a:1:1:8>", "dyn"),
        ("<lora:a:1:dyn=8>", "dyn=8"),
        ("<lora:a:1:lbw=ALL>", "lbw=ALL"),
        ("<hypernet:a:1>", "only LoRAs"),
        ("<segment:face>", "only LoRAs"),
        ("<lora:>", "name of a file"),
        ("<lora:../a:1>", "name of a file"),
        ("<lora:a:1", "no whole tag"),
        ("< lora:a:1>", "no whole tag"),
        ("<lora:a<b:1>", "only LoRAs"),
    ],
)
def test_a_tag_that_can_not_be_honoured(tag: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)) as refused:
        split_loras(f"a dog <lora:good:1> {tag}")
    assert tag[-4:] in str(refused.value)
    assert "good" not in str(refused.value)


def test_a_long_tag_is_cut_in_the_message() -> None:
    with pytest.raises(ValueError, match="no whole tag") as refused:
        split_loras("<lora:" + "x" * 8000)
    assert len(str(refused.value)) < 200


def test_a_tag_wins_over_the_picker() -> None:
    picked = (LoraUse(name="a.safetensors", weight=1), LoraUse(name="b.safetensors"))
    _, loras = merge_loras(picked, "dog <lora:a:0.3>")
    assert [(u.name, u.weight) for u in loras] == [("a.safetensors", 0.3), ("b.safetensors", 1)]
