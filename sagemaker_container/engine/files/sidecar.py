"""Owns the side-car file: `<name>.json` beside a checkpoint in S3 says what its tensors don't."""

from pathlib import Path
from typing import Final, Literal

from formats.frozen import Tolerant

MAX_BYTES: Final = 64 * 2**10


class SideCar(Tolerant):
    """How a checkpoint predicts, in the words of diffusers' scheduler configuration."""

    prediction_type: Literal["epsilon", "v_prediction"] | None = None
    rescale_betas_zero_snr: bool | None = None


def side_car_name(name: str) -> str:
    """Name of the side-car file of a model file."""
    return f"{Path(name).stem}.json"
