"""Installs the demo models and the demo endpoint, once, on the first start."""

import json
import logging
from pathlib import Path
from threading import Thread
from typing import Final

from core.aws.storage import Storage
from core.errors import AwsConflict, Conflict, ContrappostoError
from core.studio.service import Studio
from core.team.users import LOCAL, User
from formats.frozen import Tolerant
from formats.models.kinds import ModelKind

log = logging.getLogger(__name__)

FOLDER: Final = Path(__file__).resolve().parents[2] / "demo" / "models"
"""The folder of the demo models and their manifest; not every installation has it."""

ENDPOINT: Final = "demo"
CHECKPOINT: Final = "toon-v1.safetensors"
PROMPT: Final = "a cute dog"
SIDE: Final = 256
CFG_SCALE: Final = 6.0
"""What the demo models were trained for: images of 256 x 256 pixels."""

INSTANCE_TYPE: Final = "ml.m5.large"
"""The embedded AWS runs every type on this host's CPU; a CPU type says so."""

_MARKER_KEY: Final = "settings/demo-seeded.json"
"""Key of the object that marks the first start: what a user deletes does not come back."""


class DemoModel(Tolerant):
    """One line of `demo/models/manifest.json`."""

    name: str
    kind: ModelKind
    about: str = ""
    """What it makes images of, and the size that it was trained at."""


def read_manifest(folder: Path) -> tuple[DemoModel, ...]:
    """The demo models that ship, in the order of the manifest."""
    data = json.loads((folder / "manifest.json").read_text("utf-8"))
    return tuple(DemoModel.model_validate(entry) for entry in data["models"])


def install_once(studio: Studio, folder: Path) -> Thread | None:
    """On the first start with an empty bucket: upload the demo models and create the endpoint.

    Runs in the background; returns its thread, or None where an earlier start did it.
    """
    if not _is_first_start(studio.storage):
        return None
    thread = Thread(target=_install, args=(studio, folder), name="demo", daemon=True)
    thread.start()
    return thread


def _install(studio: Studio, folder: Path) -> None:
    try:
        restore(studio, folder, LOCAL)
    except (ContrappostoError, OSError, ValueError) as error:
        log.warning("event=demo_failed error=%s", error)


def restore(studio: Studio, folder: Path, user: User) -> None:
    """Install what is missing of the demo models and the endpoint, as this user's.

    The uploads go on in the background. Raises ContrappostoError, OSError, ValueError.
    """
    _upload(studio, folder, user)
    try:
        studio.endpoints.create(user, ENDPOINT, INSTANCE_TYPE, 1)
    except Conflict:
        log.info("event=demo_endpoint_exists")


def _upload(studio: Studio, folder: Path, user: User) -> None:
    by_kind: dict[ModelKind, list[str]] = {}
    for model in read_manifest(folder):
        stored = studio.models.find_any(model.kind, model.name)
        if stored and stored.is_trashed:
            studio.models.restore(user, stored.key)
        by_kind.setdefault(model.kind, []).append(str((folder / model.name).resolve()))
    for kind, paths in by_kind.items():
        studio.uploads.start_paths(user, paths, kind)


def _is_first_start(storage: Storage) -> bool:
    """Whether this call is the first ever; several dashboards may start at once."""
    try:
        storage.write(_MARKER_KEY, b"{}", "application/json", if_absent=True)
    except AwsConflict:
        return False
    return True
