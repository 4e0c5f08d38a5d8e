"""Model files by their path: from the folders that are named, whatever links and dots say."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from core.errors import InvalidInput
from core.models.uploads.planning.plan import check_file
from core.models.uploads.planning.roots import UploadRoots
from core.settings import Settings

NAME = "tiny-vae.safetensors"


@pytest.fixture
def disk(tmp_path: Path, models: Path) -> Path:
    """Two folders, one of which may be read; links lead out of it and into it."""
    for folder in ("open", "open-too", "closed"):
        (tmp_path / folder).mkdir()
        shutil.copy(models / NAME, tmp_path / folder / NAME)
    (tmp_path / "open" / "out.safetensors").symlink_to(tmp_path / "closed" / NAME)
    (tmp_path / "open" / "folder").symlink_to(tmp_path / "closed")
    (tmp_path / "open" / "loop.safetensors").symlink_to(tmp_path / "open" / "loop.safetensors")
    (tmp_path / "closed" / "in.safetensors").symlink_to(tmp_path / "open" / NAME)
    (tmp_path / "link").symlink_to(tmp_path / "open")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "may"),
    [
        (f"open/{NAME}", True),
        (f"link/{NAME}", True),
        ("closed/in.safetensors", True),
        (f"open/../open/{NAME}", True),
        (f"closed/{NAME}", False),
        (f"open-too/{NAME}", False),
        (f"open/../closed/{NAME}", False),
        ("open/out.safetensors", False),
        (f"open/folder/{NAME}", False),
        ("open/loop.safetensors", False),
        ("closed/missing.safetensors", False),
    ],
)
@pytest.mark.parametrize("root", ["open", "link"])
def test_only_what_lies_below_a_root_is_read(disk: Path, path: str, may: bool, root: str) -> None:
    roots = UploadRoots([disk / root])
    if may:
        assert check_file(str(disk / path), None, roots).size > 0
        return
    with pytest.raises(InvalidInput) as refused:
        check_file(str(disk / path), None, roots)
    assert "alone" in str(refused.value) or "loop" in str(refused.value)
    assert "no file" not in str(refused.value), "it does not tell what there is"


@pytest.mark.parametrize(
    ("chosen", "folders"),
    [
        ({}, None),
        ({"upload_roots": "/models:/more"}, (Path("/models"), Path("/more"))),
        ({"identity": "oidc"}, ()),
        ({"allow_no_login": True}, ()),
        ({"identity": "alb", "upload_roots": "/models"}, (Path("/models"),)),
    ],
)
def test_where_people_sign_in_nothing_is_read_unless_it_is_named(
    chosen: dict[str, Any], folders: tuple[Path, ...] | None
) -> None:
    assert Settings(**chosen).upload_folders == folders


def test_without_a_folder_it_says_what_to_do_instead(disk: Path) -> None:
    with pytest.raises(InvalidInput, match="contrapposto upload"):
        check_file(str(disk / "open" / NAME), None, UploadRoots(()))
