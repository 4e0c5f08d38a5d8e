"""The model cache lies where there is room for it, and is found again."""

import shutil
from collections import namedtuple
from collections.abc import Mapping
from pathlib import Path

import pytest

from sagemaker_container.engine.files.cache_folder import choose_folder, free_bytes
from sagemaker_container.engine.files.disk_cache import DiskCache
from sagemaker_container.settings import GIB, ContainerSettings

Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(
    ("free", "existing", "expected"),
    [
        ({"nvme": 1000, "ebs": 80}, (), "nvme"),  # a type with NVMe disks
        ({"nvme": 20, "ebs": 60}, (), "ebs"),
        ({"nvme": 50, "ebs": 50}, (), "nvme"),  # both on one volume
        ({"nvme": 10, "ebs": 60}, ("nvme",), "nvme"),  # chosen by a worker before, and filled
    ],
)
def test_the_roomiest_volume_is_taken_unless_one_was(
    tmp_path: Path, free: Mapping[str, int], existing: tuple[str, ...], expected: str
) -> None:
    for name in existing:
        (tmp_path / name).mkdir()
    folders = [tmp_path / "nvme", tmp_path / "ebs"]
    assert choose_folder(folders, lambda folder: free[folder.name]).name == expected


def test_a_folder_that_is_not_there_yet_has_its_volumes_room(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "a" / "b") > 0


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ["/opt/ml/cache"]),
        ({"SAGEMAKER_BASE_DIR": "/x"}, ["/x/cache"]),
        ({"CONTRAPPOSTO_CACHE_DIR": "/nvme/a"}, ["/nvme/a"]),
        ({"CONTRAPPOSTO_CACHE_DIR": "/nvme/a:/opt/b"}, ["/nvme/a", "/opt/b"]),
    ],
)
def test_the_setting_names_one_folder_or_several(
    given: dict[str, str], expected: list[str]
) -> None:
    settings = ContainerSettings.from_environment({"CONTRAPPOSTO_BUCKET": "things", **given})
    assert [str(folder) for folder in settings.cache_folders] == expected


def test_the_cache_takes_a_share_of_what_is_free_and_of_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = Usage(1000 * GIB, 880 * GIB, 120 * GIB)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    held = tmp_path / f"{'0' * 64}.safetensors"
    with held.open("wb") as file:
        file.truncate(80 * GIB)
    assert DiskCache(tmp_path).limit == int(200 * GIB * 0.7)
    assert DiskCache(tmp_path, 5 * GIB).limit == 5 * GIB
