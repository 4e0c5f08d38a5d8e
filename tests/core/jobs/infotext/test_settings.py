"""What an infotext sets in the form, and what of it can't be honoured."""

import json

import pytest

from core.errors import InvalidInput
from core.jobs.preparing.infotext.settings import read_settings
from core.models.metadata.hashes import Hashes
from core.models.metadata.missing_models import found_file, missing_models
from formats.generation.controlnet_unit import ControlMode, Preprocessor
from formats.generation.fields import ResizeMode
from formats.generation.infotext import MAX_INFOTEXT
from formats.models.kinds import ModelKind
from tests.core.jobs.infotext.texts import CASES, FILES, Case, base
from tests.core.models.metadata.library import stored


def find(kind: ModelKind, name: str) -> str | None:
    if kind is ModelKind.CHECKPOINT and not name:
        return "by-hash.safetensors"
    return FILES.get(name.removesuffix(".safetensors"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_infotext_sets(case: Case) -> None:
    found = read_settings(case.text, find)
    values = {name: value for each in found.settings for name, value in each.values.items()}
    assert {name: values.get(name, "nothing") for name in case.sets} == case.sets
    expected = [*case.unmet, *(("RNG",) if case.with_gpu_noise else ())]
    assert sorted(each.name for each in found.unmet) == sorted(expected)
    assert all(each.reason for each in found.unmet)


OF_2024 = (
    "Module: canny, Model: control_v11p_sd15_canny [d14c016b], Weight: 0.8, Resize Mode: Resize "
    "and Fill, Processor Res: 512, Threshold A: 90, Threshold B: 180, Guidance Start: 0.1, "
    "Guidance End: 0.8, Pixel Perfect: False, Control Mode: ControlNet is more important"
)
CANNY = {
    "model": "canny.safetensors",
    "preprocessor": Preprocessor.CANNY,
    "weight": 0.8,
    "start": 0.1,
    "end": 0.8,
    "resolution": 512,
    "threshold_a": 90,
    "threshold_b": 180,
    "resize_mode": ResizeMode.FILL,
    "control_mode": ControlMode.CONTROL,
}


@pytest.mark.parametrize(
    ("entries", "expected", "reasons"),
    [
        (f'ControlNet 0: "{OF_2024}"', [CANNY], 1),
        (
            f'ControlNet 0: "{OF_2024}", ControlNet 1: "Module: dw_openpose_full, Model: '
            'control_openpose [cab727d4], Weight: 3, Pixel Perfect: True, Threshold A: -1"',
            [
                CANNY,
                {
                    "model": "openpose.safetensors",
                    "preprocessor": Preprocessor.OPENPOSE,
                    "weight": 2.0,
                    "resolution": None,
                    "threshold_a": None,
                },
            ],
            3,
        ),
        (
            'ControlNet 0: "preprocessor: canny, model: control_v11p_sd15_canny [d14c016b], '
            "weight: 0.8, starting/ending: (0.1, 0.8), resize mode: Resize and Fill, pixel "
            "perfect: False, control mode: ControlNet is more important, preprocessor params: "
            '(512, 90, 180)"',
            [CANNY],
            1,
        ),
        (
            "ControlNet-0 Enabled: True, ControlNet-0 Module: openpose, ControlNet-0 Model: "
            "control_openpose [cab727d4], ControlNet-0 Weight: 0.5, ControlNet-0 Guidance Start: "
            "0, ControlNet-0 Guidance End: 0.5",
            [{"model": "openpose.safetensors", "weight": 0.5, "end": 0.5}],
            1,
        ),
        (
            "ControlNet Enabled: True, ControlNet Module: none, ControlNet Model: "
            "control_openpose [cab727d4], ControlNet Weight: 1",
            [{"model": "openpose.safetensors", "preprocessor": Preprocessor.NONE}],
            1,
        ),
        (
            'ControlNet 0: "Module: depth_midas, Model: gone [00000000]"',
            [{"model": "", "preprocessor": Preprocessor.NONE}],
            2,
        ),
        ('ControlNet 0: "Module: canny, Model: None"', [], 0),
        (
            ", ".join(f'ControlNet {n}: "Module: none, Model: control_openpose"' for n in range(6)),
            [{}] * 4,
            6,
        ),
    ],
)
def test_units(entries: str, expected: list[dict[str, object]], reasons: int) -> None:
    found = read_settings(base(f"{entries}, RNG: CPU"), find)
    told = [
        {name: getattr(unit, name) for name in want}
        for unit, want in zip(found.units, expected, strict=True)
    ]
    assert told == expected
    assert len(found.unmet) == reasons


@pytest.mark.parametrize(
    "text",
    [
        "x" * (MAX_INFOTEXT + 1),
        json.dumps({"sui_image_params": {"prompt": "a"}}),
        "[" * 9 + "]" * 9,
    ],
)
def test_what_is_no_infotext_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_settings(text, find)


def test_files_are_found_by_their_hashes() -> None:
    files = [
        stored(
            "mine.safetensors",
            kind=ModelKind.CHECKPOINT,
            hashes=Hashes(sha256="6ce0161689" + "0" * 54),
        ),
        stored("tusche.safetensors", kind=ModelKind.LORA, hashes=Hashes(auto_v3="0123456789ab")),
    ]
    text = base(
        'Model hash: 6ce0161689, Model: theirs, Lora hashes: "ink: 0123456789ab"', "<lora:ink:1>"
    )
    found = read_settings(text, found_file(missing_models(text, files)))
    values = {name: value for each in found.settings for name, value in each.values.items()}
    assert values["checkpoints"] == ["mine.safetensors"]
    assert values["prompt"] == "<lora:tusche:1>"
