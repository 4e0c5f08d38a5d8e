"""Owns the packaged configurations, and the folder that diffusers' single-file loader reads."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from formats.models.kinds import Family
from sagemaker_container.engine.files.shapes import Config

PACKAGED: Final = Path(__file__).parents[2] / "configs"
_FOLDERS: Final = {Family.SD1: "sd1", Family.SD2: "sd2", Family.SDXL: "sdxl"}


def packaged(family: Family, part: str) -> Config:
    """A family's configuration of one part: `unet`, `vae`, `text_encoder`, `text_encoder_2`."""
    path = PACKAGED / _FOLDERS[family] / part / "config.json"
    return dict(json.loads(path.read_text()))


@contextmanager
def single_config(config: Config) -> Iterator[str]:
    """A folder with one model's configuration, which spares diffusers the hub."""
    with TemporaryDirectory(prefix="config-") as name:
        (Path(name) / "config.json").write_text(json.dumps(config))
        yield name
