"""ControlNet units as infotexts tell them, in the three spellings of sd-webui-controlnet.

Sources: its scripts/infotext.py of 2023 and later (`ControlNet 0: "Module: canny, Model: ..."`),
of spring 2023 (`"preprocessor: canny, ..., starting/ending: (0, 1)"`), and before
(`ControlNet-0 Module: canny`).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from core.jobs.preparing.draft import DraftUnit
from core.jobs.preparing.infotext.reading import Reading, as_number
from core.texts.jobs import infotext as texts
from formats.generation.controlnet_unit import ControlMode, Preprocessor
from formats.generation.fields import ResizeMode
from formats.limits import MAX_CONTROLNET_UNITS, MAX_CONTROLNET_WEIGHT, MAX_SIDE
from formats.models.kinds import ModelKind

_MOST: Final = 10
"""Units that sd-webui-controlnet can have."""
_PAIR: Final = re.compile(r"\s*([\w /]{1,40}):\s*(\([^)]*\)|[^,]*)(?:,|$)")
_HASH: Final = re.compile(r"\s*\[[0-9a-fA-F]{8,64}\]$")
_NAMES: Final[Mapping[str, str]] = {
    "preprocessor": "module",
    "resize mode": "resize mode",
    "pixel perfect": "pixel perfect",
}
_OLD_KEYS: Final = ("Module", "Model", "Weight", "Guidance Start", "Guidance End", "Resize Mode")
_MODULES: Final[Mapping[str, Preprocessor]] = {
    **{each.value.lower(): each for each in Preprocessor},
    "invert": Preprocessor.INVERT,
    **dict.fromkeys(
        ("openpose_full", "openpose_face", "openpose_hand", "dw_openpose_full"),
        Preprocessor.OPENPOSE,
    ),
}
_RESIZES: Final[Mapping[str, ResizeMode]] = {
    "just resize": ResizeMode.JUST_RESIZE,
    "crop and resize": ResizeMode.CROP,
    "scale to fit (inner fit)": ResizeMode.CROP,
    "inner fit": ResizeMode.CROP,
    "resizemode.inner_fit": ResizeMode.CROP,
    "resize and fill": ResizeMode.FILL,
    "envelope (outer fit)": ResizeMode.FILL,
    "outer fit": ResizeMode.FILL,
    "resizemode.outer_fit": ResizeMode.FILL,
    "resizemode.resize": ResizeMode.JUST_RESIZE,
}
_MODES: Final[Mapping[str, ControlMode]] = {
    **{each.value.lower(): each for each in ControlMode},
    "controlmode.balanced": ControlMode.BALANCED,
    "controlmode.prompt": ControlMode.PROMPT,
    "controlmode.control": ControlMode.CONTROL,
}


def units(reading: Reading) -> tuple[DraftUnit, ...]:
    """The units of the text, each without its image; a model that isn't here leaves none."""
    found = list(_entries(reading))
    for name, _ in found[MAX_CONTROLNET_UNITS:]:
        reading.refuse(name, "", texts.too_many_units(MAX_CONTROLNET_UNITS))
    return tuple(_unit(reading, name, each) for name, each in found[:MAX_CONTROLNET_UNITS])


def _entries(reading: Reading) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Name and entries, these in lower case, of each unit that was on."""
    for number in range(_MOST):
        name = f"ControlNet {number}"
        text = reading.take(name)
        pairs = {_name(key): value.strip() for key, value in _PAIR.findall(text)}
        pairs = pairs or _old_entries(reading, number)
        if pairs.get("model", "None") != "None":
            yield name, pairs


def _name(key: str) -> str:
    lower = key.strip().lower()
    return _NAMES.get(lower, lower)


def _old_entries(reading: Reading, number: int) -> dict[str, str]:
    """Of the spelling with an entry for each setting; the first had one unit and no number."""
    starts = [f"ControlNet-{number} ", *(("ControlNet ",) if number == 0 else ())]
    for start in starts:
        is_on = reading.take(f"{start}Enabled") == "True"
        pairs = {key.lower(): reading.take(f"{start}{key}") for key in _OLD_KEYS}
        if is_on:
            return {key: value for key, value in pairs.items() if value}
    return {}


def _unit(reading: Reading, name: str, pairs: Mapping[str, str]) -> DraftUnit:
    model = reading.find(ModelKind.CONTROLNET, _HASH.sub("", pairs.get("model", ""))) or ""
    start, end = _span(pairs)
    reading.refuse(name, pairs.get("model", ""), texts.WITHOUT_IMAGES)
    return DraftUnit(
        model=model,
        weight=min(max(_number(pairs, "weight", 1.0), 0.0), MAX_CONTROLNET_WEIGHT),
        start=start,
        end=end,
        control_mode=_MODES.get(pairs.get("control mode", "").lower(), ControlMode.BALANCED),
        resize_mode=_RESIZES.get(pairs.get("resize mode", "").lower(), ResizeMode.CROP),
        **_preprocessing(reading, name, pairs),
    )


def _number(pairs: Mapping[str, str], key: str, default: float) -> float:
    value = as_number(pairs.get(key, ""))
    return default if value is None else value


def _numbers(text: str) -> list[float]:
    """Those of `(512, 100, 200)`."""
    return [value for part in text.strip("()").split(",") if (value := as_number(part)) is not None]


def _span(pairs: Mapping[str, str]) -> tuple[float, float]:
    """Start and end as shares of the steps; the whole for what is none."""
    old = _numbers(pairs.get("starting/ending", ""))
    default = (old[0], old[1]) if len(old) > 1 else (0.0, 1.0)
    start = _number(pairs, "guidance start", default[0])
    end = _number(pairs, "guidance end", default[1])
    return (start, end) if 0 <= start < end <= 1 else (0.0, 1.0)


def _preprocessing(reading: Reading, name: str, pairs: Mapping[str, str]) -> dict[str, Any]:
    """The preprocessor with its resolution and thresholds; a negative one is its own."""
    module = pairs.get("module", "none").lower()
    preprocessor = _MODULES.get(module)
    if preprocessor is None:
        reading.refuse(name, module, texts.NO_SUCH_PREPROCESSOR)
        return {"preprocessor": Preprocessor.NONE}
    if preprocessor is Preprocessor.OPENPOSE and module != preprocessor.value:
        reading.refuse(name, module, texts.ONLY_BODY)
    old = [*_numbers(pairs.get("preprocessor params", "")), -1.0, -1.0, -1.0]
    is_exact = pairs.get("pixel perfect", "").lower() == "true"
    size = _number(pairs, "processor res", old[0])
    low, high = _number(pairs, "threshold a", old[1]), _number(pairs, "threshold b", old[2])
    return {
        "preprocessor": preprocessor,
        "resolution": None if is_exact or not 64 <= size <= MAX_SIDE else int(size),
        "threshold_a": _threshold(low),
        "threshold_b": _threshold(high),
    }


def _threshold(value: float) -> int | None:
    return int(value) if 0 <= value <= 255 else None
