"""Prompts from a file: a job for each line, with options as A1111's script of that name reads them.

A line with `--` is read as a shell reads it; where that fails, the whole line is the prompt.
"""

import shlex
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from formats import texts
from formats.frozen import Frozen
from formats.limits import MAX_PROMPT_LINES, PROMPT_BYTES

_DASHES: Final = "--"
_TRUE: Final = ("1", "true", "yes", "on")


class PromptLine(Frozen):
    """What one line asks for; None leaves it as the form has it."""

    prompt: Annotated[str, Field(max_length=PROMPT_BYTES)] | None = None
    negative_prompt: Annotated[str, Field(max_length=PROMPT_BYTES)] | None = None
    checkpoint: str | None = None
    styles: tuple[str, ...] = ()
    seed: int | None = None
    variation_seed: int | None = None
    variation_strength: float | None = None
    sampler: str | None = None
    batch_size: int | None = None
    batch_count: int | None = None
    steps: int | None = None
    cfg_scale: float | None = None
    width: int | None = None
    height: int | None = None
    ignored: tuple[str, ...] = ()
    """Options that A1111 has and this studio does not."""


def _flag(text: str) -> bool:
    return text.lower() in _TRUE


_OPTIONS: Final[Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "sd_model": ("checkpoint", str),
    "styles": ("styles", lambda text: tuple(each.strip() for each in text.split(","))),
    "seed": ("seed", int),
    "subseed": ("variation_seed", int),
    "subseed_strength": ("variation_strength", float),
    "sampler_name": ("sampler", str),
    "batch_size": ("batch_size", int),
    "n_iter": ("batch_count", int),
    "steps": ("steps", int),
    "cfg_scale": ("cfg_scale", float),
    "width": ("width", int),
    "height": ("height", int),
}
_IGNORED: Final[Mapping[str, Callable[[str], Any]]] = {
    "outpath_samples": str,
    "outpath_grids": str,
    "prompt_for_display": str,
    "seed_resize_from_h": int,
    "seed_resize_from_w": int,
    "sampler_index": int,
    "restore_faces": _flag,
    "tiling": _flag,
    "do_not_save_samples": _flag,
    "do_not_save_grid": _flag,
}
_PROMPTS: Final = ("prompt", "negative_prompt")


def read_prompt_lines(text: str) -> tuple[PromptLine, ...]:
    """One entry for each line that is not empty. Raises ValueError for none, or too many."""
    lines = [line for each in text.splitlines() if (line := each.strip())]
    if not lines:
        raise ValueError(texts.NO_PROMPT_LINES)
    if len(lines) > MAX_PROMPT_LINES:
        raise ValueError(texts.too_many_prompt_lines(len(lines), MAX_PROMPT_LINES))
    return tuple(map(_read_line, lines))


def _read_line(line: str) -> PromptLine:
    if _DASHES in line:
        try:
            return _read_options(shlex.split(line))
        except ValueError:  # as in A1111: what is no list of options is a prompt with dashes
            return PromptLine(prompt=line)
    return PromptLine(prompt=line)


def _read_options(words: list[str]) -> PromptLine:
    """Raises ValueError for what is no option, or lacks its value."""
    found: dict[str, Any] = {}
    ignored: list[str] = []
    while words:
        option, *words = words
        name = option.removeprefix(_DASHES)
        if not option.startswith(_DASHES) or not words:
            raise ValueError(option)
        if name in _PROMPTS:
            found[name], words = _up_to_option(words)
        elif name in _OPTIONS:
            field, read = _OPTIONS[name]
            found[field], words = read(words[0]), words[1:]
        elif name in _IGNORED:
            _IGNORED[name](words[0])
            ignored.append(name)
            words = words[1:]
        else:
            raise ValueError(option)
    return PromptLine(**found, ignored=tuple(ignored))


def _up_to_option(words: list[str]) -> tuple[str, list[str]]:
    """A prompt may go over several words, and ends where the next option begins."""
    first, *others = words
    ends = (n for n, word in enumerate(others) if word.startswith(_DASHES))
    end = next(ends, len(others))
    return " ".join((first, *others[:end])), others[end:]
