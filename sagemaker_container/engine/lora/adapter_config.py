"""Reads peft's configuration of an adapter from a LoRA file's header: how it scales its layers.

diffusers keeps it under `lora_adapter_metadata` as JSON, each field below the name of its network
(`unet.lora_alpha`) unless the file is of one network alone; others write the same fields into the
header itself. Sources: diffusers loaders/lora_base.py and loaders/peft.py; ComfyUI#12191; peft
tuners/lora/config.py, tuners/lokr/config.py and utils/other.py (get_pattern_key).
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_KEY: Final = "lora_adapter_metadata"
_NETWORKS: Final = ("unet", "text_encoder", "text_encoder_2")
_HEADER_FIELDS: Final = ("lora_alpha", "r", "alpha_pattern", "rank_pattern", "use_rslora")
_ALPHAS: Final = ("lora_alpha", "alpha")
"""LoRA's field, and that of LoHa and LoKr."""


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
        if not alpha or not divisor:
            return None
        return alpha / (math.sqrt(divisor) if config.get("use_rslora") else divisor)


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
    return next((value for pattern, value in table.items() if _matches(pattern, path)), None)


def _matches(pattern: str, path: str) -> bool:
    try:
        return re.match(rf"(?:^|.*\.)(?:{pattern})$", path) is not None
    except re.error:
        return False


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and math.isfinite(value)
    return float(value) if is_number else None
