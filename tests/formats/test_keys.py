"""Keys are built from ids alone, and nothing that is no id gets through."""

import pytest
from pydantic import ValidationError

from formats import keys
from formats.models.kinds import ModelKind

JOB = "01JD8Z5M3Q8V4T0W9X2Y7R6N5K"
SHA = "0" * 64


@pytest.mark.parametrize(
    ("built", "expected"),
    [
        (keys.model_key(ModelKind.LORA, "a b.safetensors"), "models/Lora/a b.safetensors"),
        (keys.input_key(SHA), f"inputs/{SHA}.png"),
        (keys.kernels_key(SHA), f"kernels/{SHA}.zip"),
        (keys.request_key(JOB), f"jobs/{JOB}/request.json"),
        (keys.result_key(JOB), f"jobs/{JOB}/result.json"),
        (keys.output_key(JOB, 3), f"jobs/{JOB}/outputs/3.png"),
        (keys.thumbnail_key(JOB, 3), f"jobs/{JOB}/outputs/3.webp"),
        (keys.map_key(JOB, 0), f"jobs/{JOB}/maps/0.png"),
        (keys.pose_score_key(JOB), f"jobs/{JOB}/pose_score.json"),
        (keys.pose_key(JOB), f"poses/{JOB}.json"),
    ],
)
def test_keys(built: str, expected: str) -> None:
    assert built == expected


@pytest.mark.parametrize(
    "job_id", ["", "../x", "..%2fx", JOB.lower(), JOB + "/", "a" * 26, f"{JOB}\n", "\0", "é" * 26]
)
def test_no_job_id_leaves_its_folder(job_id: str) -> None:
    with pytest.raises(ValidationError):
        keys.job_prefix(job_id)
    with pytest.raises(ValidationError):
        keys.pose_key(job_id)


@pytest.mark.parametrize(
    "name", ["", "..", ".hidden", "a/b", "a\\b", "a\0b", "a\nb", " a", "a ", "x" * 129, "c:d"]
)
def test_no_model_name_leaves_its_folder(name: str) -> None:
    with pytest.raises(ValidationError):
        keys.model_key(ModelKind.VAE, name)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("models/VAE/x.safetensors", (ModelKind.VAE, "x.safetensors")),
        ("models/VAE/deep/x.safetensors", None),
        ("models/other/x.safetensors", None),
        ("models/VAE/", None),
        ("elsewhere/VAE/x", None),
    ],
)
def test_parse_model_key(key: str, expected: object) -> None:
    assert keys.parse_model_key(key) == expected
