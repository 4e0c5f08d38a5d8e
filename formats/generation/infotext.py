"""Writes and reads A1111's infotext, the generation parameters kept inside a picture."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from formats import texts
from formats.frozen import Frozen

PNG_KEY: Final = "parameters"
"""The PNG text chunk that holds the infotext (A1111 modules/images.py)."""

PNG_POSTPROCESSING_KEY: Final = "postprocessing"
"""The one that says how an image was upscaled (A1111 modules/postprocessing.py)."""

_NEGATIVE: Final = "Negative prompt:"
_PAIR: Final = re.compile(r'(\w[\w \-/]{1,199}):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')
"""A1111's own pattern (modules/infotext_utils.py, re_param_code), with an end to a key's length:
without one, 64 KB of letters took half a minute."""

TEMPLATE: Final = "Template"
NEGATIVE_TEMPLATE: Final = "Negative Template"
_TEMPLATE: Final = re.compile(rf"^({TEMPLATE}|{NEGATIVE_TEMPLATE}):", re.MULTILINE)
"""What the extension sd-dynamic-prompts adds behind the parameters, each of any length."""

_JSON: Final = re.compile(r"(?:^|[,\n])\s*(Hashes|Civitai resources|Civitai metadata):\s*(?=[{\[])")
_MAX_JSON: Final = 8
_SIZE: Final = re.compile(r"^(\d+)x(\d+)$")
_MIN_PAIRS: Final = 3
MAX_INFOTEXT: Final = 64 * 1024

_SCHEDULES_IN_SAMPLER: Final = ("Karras", "Exponential", "Polyexponential")
_DEFAULTS: Final = {
    "Clip skip": "1",
    "Hires resize-1": "0",
    "Hires resize-2": "0",
    "Hires sampler": "Use same sampler",
    "Hires checkpoint": "Use same checkpoint",
    "Hires prompt": "",
    "Hires negative prompt": "",
    "Mask mode": "Inpaint masked",
    "Masked content": "original",
    "Inpaint area": "Whole picture",
    "Masked area padding": "32",
    "RNG": "GPU",
    "Schedule type": "Automatic",
    "VAE Encoder": "Full",
    "VAE Decoder": "Full",
}
"""What a reader takes where the text is silent (A1111 modules/infotext_utils.py)."""


class Infotext(Frozen):
    """A parsed infotext; `parameters` keeps the order of the text, values unquoted."""

    prompt: str
    negative_prompt: str
    parameters: Mapping[str, str]


def write(
    prompt: str,
    negative_prompt: str,
    parameters: Mapping[str, object],
    templates: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The text as A1111 writes it. A parameter that is None is left out; order is kept.

    `templates` are what the prompts came of, by the names that sd-dynamic-prompts gives them;
    empty ones are left out.
    """
    pairs = ", ".join(
        key if key == value else f"{key}: {quote(value)}"
        for key, value in parameters.items()
        if value is not None
    )
    negative = f"\n{_NEGATIVE} {negative_prompt}" if negative_prompt else ""
    behind = "".join(f"\n{name}: {text}" for name, text in templates.items() if text)
    return f"{prompt}{negative}\n{pairs}{behind}".strip()


def quote(value: object) -> str:
    """A value as it stands in the text: a JSON string where it holds a comma, colon or newline."""
    text = str(value)
    if not any(mark in text for mark in ",\n:"):
        return text
    return json.dumps(text, ensure_ascii=False)


def unquote(text: str) -> str:
    """The value that `quote` wrote; a string that is no JSON is taken as it stands."""
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, str) else text


def read(text: str) -> Infotext:
    """Parse an infotext, A1111's or ours. Text without parameters is a prompt.

    The templates of sd-dynamic-prompts are parameters too. Raises ValueError for a text longer
    than `MAX_INFOTEXT` characters.
    """
    if len(text) > MAX_INFOTEXT:
        raise ValueError(texts.INFOTEXT_TOO_LONG)
    text, templates = _split_templates(text.strip())
    lines, pairs = _split_pairs(text)
    prompt, negative = _prompts(lines)
    parameters = _parameters(pairs) | templates
    return Infotext(prompt=prompt, negative_prompt=negative, parameters=parameters)


def cut_json(text: str) -> tuple[str, dict[str, object]]:
    """The text without Civitai's values of JSON, whose commas `read` would split at, and these by
    their names. One that is no JSON stays."""
    decoder, parts, objects, at = json.JSONDecoder(), list[str](), dict[str, object](), 0
    for found, _ in zip(_JSON.finditer(text), range(_MAX_JSON), strict=False):
        if found.start() < at:
            continue
        try:
            objects[found[1]], end = decoder.raw_decode(text, found.end())
        except (ValueError, RecursionError):
            continue
        parts.append(text[at : found.start()])
        at = end
    return "".join((*parts, text[at:])), objects


def _split_templates(text: str) -> tuple[str, dict[str, str]]:
    """The text without the templates behind its parameters, and these by their names."""
    start = next((m.start() for m in _TEMPLATE.finditer(text) if _ends_in_pairs(text, m)), None)
    if start is None:
        return text, {}
    _, *parts = _TEMPLATE.split(text[start:])
    templates = dict(zip(parts[::2], map(str.strip, parts[1::2]), strict=True))
    return text[:start].rstrip(), templates


def _ends_in_pairs(text: str, template: re.Match[str]) -> bool:
    """Whether the line above a template is one of parameters."""
    end = template.start() - 1
    return end > 0 and bool(_split_pairs(text[text.rfind("\n", 0, end) + 1 : end])[1])


def _split_pairs(text: str) -> tuple[list[str], list[tuple[str, str]]]:
    """The lines of the prompts, and the pairs of the last line if it is one of parameters."""
    *lines, last = text.split("\n")
    pairs = _PAIR.findall(last)
    return (lines, pairs) if len(pairs) >= _MIN_PAIRS else ([*lines, last], [])


def with_defaults(info: Infotext) -> Infotext:
    """The same with what A1111 takes for granted filled in, and old sampler names split."""
    parameters = {**_DEFAULTS, **split_sampler(info.parameters)}
    return info.model_copy(update={"parameters": parameters})


def _prompts(lines: list[str]) -> tuple[str, str]:
    prompt: list[str] = []
    negative: list[str] = []
    target = prompt
    for raw in lines:
        line = raw.strip()
        if line.startswith(_NEGATIVE):
            target, line = negative, line.removeprefix(_NEGATIVE).strip()
        target.append(line)
    return "\n".join(prompt).strip(), "\n".join(negative).strip()


def _parameters(pairs: list[tuple[str, str]]) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for key, raw in pairs:
        value = unquote(raw.strip())
        size = _SIZE.match(value)
        if size:
            parameters[f"{key}-1"], parameters[f"{key}-2"] = size.groups()
        else:
            parameters[key] = value
    return parameters


def split_sampler(parameters: Mapping[str, str]) -> dict[str, str]:
    """'DPM++ 2M Karras', as older versions wrote it, becomes sampler and schedule type."""
    result = dict(parameters)
    name, _, last = result.get("Sampler", "").rpartition(" ")
    if last in _SCHEDULES_IN_SAMPLER and "Schedule type" not in result:
        result["Sampler"], result["Schedule type"] = name, last
    return result
