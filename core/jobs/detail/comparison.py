"""Finds the parameters in which two images differ: what was asked for, and what was applied."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from formats.frozen import Frozen
from formats.generation.parameters import parameter_fields, value_text
from formats.generation.request import GenerationRequest
from formats.generation.result import GenerationResult

_NO_PARAMETERS: Final = frozenset({"version", "id", "owner", "hashes"})
"""Of a request: what names the job and its files. The files' hashes are compared as applied."""

_HASH_DIGITS: Final = 10
"""A1111's short hash."""

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class ComparedImage(Frozen):
    """One image of a job; request or result are None where there is none that can be read."""

    request: GenerationRequest | None
    result: GenerationResult | None
    index: int = 0


class Difference(Frozen):
    """A field that two images have different values of; an empty value is none.

    `field` is a path into the request: `steps`, `hires/scale`, `controlnets/0/weight`, and with a
    file's name `loras/ink.safetensors/weight`; of the result `applied/<name>` and
    `applied/<kind>/<file>`.
    """

    field: str
    old: str
    new: str


def differences(old: ComparedImage, new: ComparedImage) -> tuple[Difference, ...]:
    """Every field in which they differ, in the order of the request and then of the result."""
    before, after = _values(old), _values(new)
    fields = dict.fromkeys((*before, *after))
    pairs = ((field, before.get(field, ""), after.get(field, "")) for field in fields)
    return tuple(Difference(field=f, old=one, new=two) for f, one, two in pairs if one != two)


def _values(image: ComparedImage) -> dict[str, str]:
    """Each value as text, by its path; what is empty is left out."""
    asked = _asked(image) if image.request else ()
    applied = _applied(image) if image.result else ()
    return {field: text for field, text in (*asked, *applied) if text}


def _asked(image: ComparedImage) -> Iterator[tuple[str, str]]:
    request = image.request
    if request is None:
        return
    values = {**request.model_dump(), **_seeds(image)}
    parameters = parameter_fields()
    for name, value in values.items():
        field = parameters.get(name)
        counts = field is None or request.mode in field.parameter.modes
        if counts and name not in _unused(request):
            yield from _flat(name, value)


def _unused(request: GenerationRequest) -> frozenset[str]:
    """Without a variation its seed changes nothing."""
    return _NO_PARAMETERS if request.variation_strength else _NO_PARAMETERS | {"variation_seed"}


def _seeds(image: ComparedImage) -> dict[str, int | None]:
    """Those of the very image; the request has the first one's."""
    images = image.result.pictures if image.result else ()
    if image.index >= len(images):
        return {}
    of_image = images[image.index]
    seeds: dict[str, int | None] = {"seed": of_image.seed}
    if of_image.variation_seed is not None:
        seeds["variation_seed"] = of_image.variation_seed
    return seeds


def _flat(path: str, value: object) -> Iterator[tuple[str, str]]:
    """A value's parts by their paths; LoRAs by their names, ControlNet units by their numbers."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _part(path, str(name), part)
    elif isinstance(value, str) or not isinstance(value, Sequence):
        yield path, "" if value is None else _short(value_text(value))
    elif value and isinstance(value[0], Mapping):
        for number, part in enumerate(value):
            yield from _flat(f"{path}/{part.get('name', number)}", _without_name(part))
    else:
        yield path, ", ".join(map(str, value))


def _short(text: str) -> str:
    """Of a hash the beginning."""
    return text[:_HASH_DIGITS] if _SHA256.fullmatch(text) else text


def _part(path: str, name: str, value: object) -> Iterator[tuple[str, str]]:
    if name == "pose" and value is not None:  # hundreds of coordinates
        yield f"{path}/{name}", _digest(value)
    else:
        yield from _flat(f"{path}/{name}", value)


def _without_name(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name != "name"}


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH_DIGITS]


def _applied(image: ComparedImage) -> Iterator[tuple[str, str]]:
    result = image.result
    if result is None:
        return
    for model in result.models:
        yield f"applied/{model.kind.value}/{model.name}", model.sha256[:_HASH_DIGITS]
    yield "applied/sampler_class", result.sampler_class
    yield "applied/prediction", result.prediction
    yield "applied/device", result.device
    yield "applied/container", result.container
    if image.index < len(result.pictures):
        of_image = result.pictures[image.index]
        yield "applied/size", f"{of_image.width} x {of_image.height}"
