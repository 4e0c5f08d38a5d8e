"""Writes the configuration folder that diffusers' single-file loader reads instead of the hub."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sagemaker_container.engine.shapes import Config

PACKAGED: Final = Path(__file__).parent.parent / "configs"


@contextmanager
def config_dir(family: str, parts: Mapping[str, Config]) -> Iterator[str]:
    """A folder with the packaged configuration of a family, `parts` laid over its components.

    It goes when the block ends. `family` is a folder of `configs/`, a part is one below it.
    """
    with TemporaryDirectory(prefix="config-") as name:
        folder = Path(name)
        shutil.copytree(PACKAGED / family, folder, dirs_exist_ok=True)
        for part, config in parts.items():
            path = folder / part / "config.json"
            path.write_text(json.dumps(json.loads(path.read_text()) | config))
        yield name


@contextmanager
def single_config(config: Config) -> Iterator[str]:
    """A folder with one model's configuration."""
    with TemporaryDirectory(prefix="config-") as name:
        (Path(name) / "config.json").write_text(json.dumps(config))
        yield name
