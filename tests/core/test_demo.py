"""The first run: demo models and endpoint are made once, and never come back uninvited."""

import json
from pathlib import Path

from core.studio.demo import ENDPOINT, install_once, restore
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.keys import model_key
from formats.models.kinds import ModelKind
from tests.support.helpers import wait_for


def demo_folder(tmp_path: Path, models: Path) -> Path:
    folder = tmp_path / "demo"
    folder.mkdir()
    names = {"tiny-noise-v1.safetensors": "Stable-diffusion", "tiny-vae.safetensors": "VAE"}
    for name in names:
        (folder / name).write_bytes((models / name).read_bytes())
    entries = [{"name": name, "kind": kind, "more": 1} for name, kind in names.items()]
    (folder / "manifest.json").write_text(json.dumps({"models": entries}))
    return folder


def names(studio: Studio) -> set[str]:
    return {file.name for file in studio.models.list(LOCAL, refresh=True)}


def test_installed_once_and_restored_when_asked(
    studio: Studio, tmp_path: Path, models: Path
) -> None:
    folder = demo_folder(tmp_path, models)
    thread = install_once(studio, folder)
    assert thread
    thread.join(180)
    both = {"tiny-noise-v1.safetensors", "tiny-vae.safetensors"}
    wait_for(lambda: names(studio) == both)
    assert [e.name for e in studio.endpoints.list(LOCAL, refresh=True)] == [ENDPOINT]
    studio.models.delete_now(LOCAL, model_key(ModelKind.VAE, "tiny-vae.safetensors"))
    assert install_once(studio, folder) is None
    assert names(studio) == {"tiny-noise-v1.safetensors"}
    studio.models.put_in_trash(LOCAL, ModelKind.CHECKPOINT, "tiny-noise-v1.safetensors")
    assert names(studio) == set()
    restore(studio, folder, LOCAL)
    wait_for(lambda: names(studio) == both)
    wait_for(lambda: studio.endpoints.list(LOCAL, refresh=True)[0].status != "Creating")
    studio.endpoints.delete(LOCAL, ENDPOINT)
