"""Reads peft's configuration of an adapter from a LoRA file's header: how it scales its layers.

diffusers keeps it under `lora_adapter_metadata` as JSON, each field below the name of its network
(`unet.lora_alpha`) unless the file is of one network alone; others write the same fields into the
header itself. Sources: diffusers loaders/lora_base.py and loaders/peft.py; ComfyUI#12191; peft
tuners/lora/config.py, tuners/lokr/config.py and utils/other.py (get_pattern_key).
"""

import json
import math
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any, Final

_KEY: Final = "lora_adapter_metadata"
_NETWORKS: Final = ("unet", "text_encoder", "text_encoder_2")
_HEADER_FIELDS: Final = ("lora_alpha", "r", "alpha_pattern", "rank_pattern", "use_rslora")
_ALPHAS: Final = ("lora_alpha", "alpha")
"""LoRA's field, and that of LoHa and LoKr."""
_DIGITS: Final = "\0"
"""Stands for `\\d+` while a pattern is looked at."""
_MOST_PATTERNS: Final = 1000
_LONGEST_PATTERN: Final = 256
"""Of the layers with a scale of their own; writers name a file's few hundred layers one by one."""


@dataclass(frozen=True)
class AdapterConfig:
    """The configurations by network; the one at "" is that of every other network."""

    networks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def scale(self, layer: str, rank: int | None) -> float | None:
        """What a layer's change is multiplied by, or None where the header doesn't say.

        `layer` is its path below a network's name, and `rank` that of its tensors, if they have
        one.
        """
        network, _, path = layer.partition(".")
        config = self.networks.get(network, self.networks.get("", {}))
        alpha = _number(_override(config, "alpha_pattern", path))
        alpha = alpha or next((a for name in _ALPHAS if (a := _number(config.get(name)))), None)
        divisor = rank or _number(_override(config, "rank_pattern", path))
        divisor = divisor or _number(config.get("r"))
        if not alpha or not divisor or divisor < 0:
            return None
        scale = alpha / (math.sqrt(divisor) if config.get("use_rslora") else divisor)
        return _number(scale)


def read_adapter_config(metadata: Mapping[str, str]) -> AdapterConfig:
    """The configuration in a header, empty where there is none that can be read."""
    entries = _parse(metadata.get(_KEY, "null"))
    if not isinstance(entries, dict):
        entries = {key: _parse(value) for key, value in metadata.items() if _is_field(key)}
    networks: dict[str, dict[str, Any]] = {}
    for key, value in entries.items():
        network, _, name = key.partition(".")
        is_below = network in _NETWORKS and bool(name)
        networks.setdefault(network if is_below else "", {})[name if is_below else key] = value
    return AdapterConfig(networks)


def _is_field(key: str) -> bool:
    """Whether a field of the header itself is one of the configuration's."""
    return key.rpartition(".")[2] in _HEADER_FIELDS


def _parse(value: str) -> Any:
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return None


def _override(config: Mapping[str, Any], patterns: str, path: str) -> Any:
    """The value of the first pattern that matches the end of a layer's path."""
    table = config.get(patterns)
    if not isinstance(table, dict):
        return None
    entries = islice(table.items(), _MOST_PATTERNS)
    return next((value for pattern, value in entries if _matches(pattern, path)), None)


def _matches(pattern: str, path: str) -> bool:
    expression = _expression(pattern)
    return expression is not None and expression.match(path) is not None


@lru_cache(_MOST_PATTERNS)
def _expression(pattern: str) -> re.Pattern[str] | None:
    """What a pattern matches, from a layer's start to its end; None for one that isn't read.

    A pattern comes from the file. Of what repeats only `.*` and `\\d+` are read, and neither is
    taken back where the rest fails: else one line could keep a worker busy for years.
    """
    first, *parts = pattern.replace(r"\d+", _DIGITS).split(".*")
    if len(pattern) > _LONGEST_PATTERN or any(set(part) & set("*+?{") for part in (first, *parts)):
        return None
    first, *parts = (part.replace(_DIGITS, r"\d++") for part in (first, *parts))
    middle = "".join(f"(?>.*?(?:{part}))" for part in parts[:-1])
    start = f"(?>(?:^|.*?\\.)(?:{first}))" if parts else rf".*?(?:^|(?<=\.))(?:{first})"
    last = f".*(?:{parts[-1]})" if parts else ""
    try:
        return re.compile(f"{start}{middle}{last}$")
    except re.error:
        return None


def _number(value: Any) -> float | None:
    """A finite number, or None; an integer of JSON may be larger than any float."""
    is_number = isinstance(value, int | float) and abs(value) <= sys.float_info.max
    return float(value) if is_number else None
