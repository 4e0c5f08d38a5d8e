"""Names in any script pass through S3's metadata and SageMaker's tags."""

import re
import shutil
from pathlib import Path

import pytest

from core.aws.ascii_values import decode_value, encode_value
from core.studio.service import Studio
from core.team.users import LOCAL, User
from formats.keys import model_key
from formats.models.kinds import ModelKind
from tests.support.helpers import wait_for

NAMES = (
    "plain",
    "é",
    "日本",
    "O'Neill",
    "R&D",
    "a = b",
    "=utf-8=",
    "=utf-8=YQ==",
    "🐱",
    "100%",
    "",
)
TAG_VALUE = re.compile(r"[\w.:/=+@ -]*", re.ASCII)
"""SageMaker API reference, Tag, Value; ASCII besides, for S3's metadata."""


@pytest.mark.parametrize("name", NAMES)
def test_a_name_comes_back_as_it_was(name: str) -> None:
    value = encode_value(name)
    assert TAG_VALUE.fullmatch(value)
    assert decode_value(value) == name


@pytest.mark.parametrize("value", ["ann", "O'Neill", "a b", "=utf-8=no base64", "=utf-8=_w=="])
def test_values_of_others_stay(value: str) -> None:
    assert decode_value(value) == value


def test_owners_and_files_of_any_script(studio: Studio, models: Path, tmp_path: Path) -> None:
    owner = User(name="Zoé O'Neill & 日本 🐱")
    path = tmp_path / "l'été & 日本 🐱.safetensors"
    shutil.copy(models / "tiny-vae.safetensors", path)
    studio.uploads.start_paths(owner, [str(path)], None)
    wait_for(lambda: not any(u.active for u in studio.uploads.list(owner)))
    (file,) = studio.models.list(LOCAL, refresh=True)
    assert (file.name, file.owner, file.problem) == (path.name, owner.name, None)
    assert file.sha256
    assert studio.storage.read(model_key(ModelKind.VAE, path.name)).data == path.read_bytes()
    studio.endpoints.create(owner, "any-script", "ml.m5.large", 1)
    (endpoint,) = studio.endpoints.list(LOCAL, refresh=True)
    assert endpoint.owner == owner.name
    wait_for(lambda: studio.endpoints.list(LOCAL, refresh=True)[0].accepts_jobs, 60)
    studio.endpoints.delete(LOCAL, endpoint.name)
