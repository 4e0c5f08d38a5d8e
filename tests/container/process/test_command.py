"""The container's command line and its settings."""

import re
import subprocess

import pytest
from pydantic_core import PydanticUndefined

from formats.version import VERSION
from sagemaker_container.settings import ENVIRONMENT_NAMES, ContainerSettings
from sagemaker_container.texts.metrics import HELP
from tests.support.helpers import CONTAINER, ROOT

PYTHON = CONTAINER[0]


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [PYTHON, *arguments], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_version_is_known_where_nothing_is_installed() -> None:
    """As in the image: -S leaves out every installed package."""
    said = run("-S", "-m", "sagemaker_container", "--version").stdout
    assert said == f"contrapposto {VERSION}\n"


@pytest.mark.parametrize(
    ("environment", "word"),
    [
        ({}, "bucket"),
        ({"CONTRAPPOSTO_BUCKET": "things", "SAGEMAKER_BIND_TO_PORT": "99999"}, "port"),
        ({"CONTRAPPOSTO_BUCKET": "things", "CONTRAPPOSTO_DEVICE": "tpu"}, "device"),
    ],
)
def test_wrong_settings_are_named(environment: dict[str, str], word: str) -> None:
    ended = run("-m", "sagemaker_container", "serve", **environment)
    assert ended.returncode == 2
    assert word in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_front_process_never_imports_the_libraries() -> None:
    code = (
        "import sys; import sagemaker_container.server.serve; "
        "print({'torch', 'diffusers', 'transformers', 'numpy'} & set(sys.modules))"
    )
    assert run("-c", code).stdout == "set()\n"


def test_every_figure_is_in_the_reference() -> None:
    """And the reference has no other."""
    text = (ROOT / "docs" / "container.md").read_text("utf-8")
    told = {name.removesuffix("_total") for name in re.findall(r"`contrapposto_(\w+)`", text)}
    assert told == set(HELP)


def test_every_setting_is_in_the_reference() -> None:
    """And the reference has no other, and names each default that is a value."""
    _, _, table = (ROOT / "docs" / "settings.md").read_text("utf-8").partition("## The container")
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (.+?) \|", table, re.MULTILINE))
    assert set(rows) == set(ENVIRONMENT_NAMES.values())
    for field, name in ENVIRONMENT_NAMES.items():
        default = ContainerSettings.model_fields[field].default
        if default not in (None, "", PydanticUndefined):
            assert rows[name] == f"`{default}`"
