"""Prompts from a file: A1111's lines with and without options."""

import pytest

from formats.prompts.prompt_lines import PromptLine, read_prompt_lines


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("a dog", PromptLine(prompt="a dog")),
        ("a dog -- at night", PromptLine(prompt="a dog -- at night")),
        ('--prompt "a dog"', PromptLine(prompt="a dog")),
        ("--prompt a small dog --seed 5", PromptLine(prompt="a small dog", seed=5)),
        (
            '--prompt "a dog" --negative_prompt no blur --steps 30 --cfg_scale 7.5',
            PromptLine(prompt="a dog", negative_prompt="no blur", steps=30, cfg_scale=7.5),
        ),
        (
            "--width 640 --height 512 --sampler_name 'Euler a' --sd_model ink.safetensors",
            PromptLine(width=640, height=512, sampler="Euler a", checkpoint="ink.safetensors"),
        ),
        (
            "--subseed 3 --subseed_strength .5 --batch_size 2 --n_iter 4 --styles 'Ink, Film'",
            PromptLine(
                variation_seed=3,
                variation_strength=0.5,
                batch_size=2,
                batch_count=4,
                styles=("Ink", "Film"),
            ),
        ),
        ("--tiling true --prompt a", PromptLine(prompt="a", ignored=("tiling",))),
        # what is no list of options is a prompt, as in A1111
        ("--unknown 1", PromptLine(prompt="--unknown 1")),
        ("--steps many", PromptLine(prompt="--steps many")),
        ("--steps", PromptLine(prompt="--steps")),
        ('--prompt "a dog', PromptLine(prompt='--prompt "a dog')),
        ("a dog --steps 5", PromptLine(prompt="a dog --steps 5")),
    ],
)
def test_reads_a_line(line: str, read: PromptLine) -> None:
    assert read_prompt_lines(line) == (read,)


def test_leaves_out_empty_lines() -> None:
    assert [line.prompt for line in read_prompt_lines("\n a \r\n\n\tb\n")] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "said"), [("", "no prompt"), (" \n\n", "no prompt"), ("a\n" * 501, "500 are the most")]
)
def test_says_what_is_wrong_with_a_file(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_prompt_lines(text)
