"""Owns the first-run task: a newcomer's models and endpoint, made the ordinary way, once."""

import json
import logging
from collections.abc import Iterable
from pathlib import Path
from threading import Thread
from typing import Final

from core.access import LOCAL
from core.aws.storage import Storage
from core.errors import AwsConflict, Conflict, ContrappostoError
from core.studio import Studio
from formats.frozen import Tolerant
from formats.models.kinds import ModelKind

log = logging.getLogger(__name__)

FOLDER: Final = Path(__file__).resolve().parent.parent / "demo" / "models"
"""Where the demo models ship, with their manifest; not every installation has them."""

ENDPOINT: Final = "demo"
CHECKPOINT: Final = "toon-v1.safetensors"
PROMPT: Final = "a cute dog"
SIDE: Final = 256
CFG_SCALE: Final = 6.0
"""What the demo models were made for: images of 256 x 256 pixels."""

INSTANCE_TYPE: Final = "ml.m5.large"
"""The embedded AWS runs every type on this machine's CPU; a CPU type says so."""

_MARK: Final = "settings/demo-seeded.json"
"""An object that says the task was begun: it is never repeated after a user's delete."""


class DemoModel(Tolerant):
    """One line of `demo/models/manifest.json`."""

    name: str
    kind: ModelKind
    about: str = ""
    """What it draws, and the image size it was made for."""


def read_manifest(folder: Path) -> tuple[DemoModel, ...]:
    """The demo models that ship, in the order of the manifest."""
    data = json.loads((folder / "manifest.json").read_text("utf-8"))
    return tuple(DemoModel.model_validate(entry) for entry in data["models"])


def seed(studio: Studio, folder: Path) -> Thread | None:
    """On the first start with an empty bucket: upload the demo models and create the endpoint.

    Runs in the background; returns its thread, or None where it was done before.
    """
    if not _claim(studio.storage):
        return None
    thread = Thread(target=_seed, args=(studio, folder), name="demo", daemon=True)
    thread.start()
    return thread


def _seed(studio: Studio, folder: Path) -> None:
    try:
        restore(studio, folder)
    except (ContrappostoError, OSError, ValueError) as error:
        log.warning("event=demo_failed error=%s", error)


def restore(studio: Studio, folder: Path) -> None:
    """Bring back the demo models and the endpoint, whatever a user removed.

    The uploads go on in the background. Raises ContrappostoError, OSError, ValueError.
    """
    _upload(studio, folder, read_manifest(folder))
    try:
        studio.endpoints.create(LOCAL, ENDPOINT, INSTANCE_TYPE, 1)
    except Conflict:
        log.info("event=demo_endpoint_exists")


def _upload(studio: Studio, folder: Path, models: Iterable[DemoModel]) -> None:
    by_kind: dict[ModelKind, list[str]] = {}
    for model in models:
        by_kind.setdefault(model.kind, []).append(str((folder / model.name).resolve()))
    for kind, paths in by_kind.items():
        studio.uploads.start(LOCAL, paths, kind)


def _claim(storage: Storage) -> bool:
    """Whether this call is the first ever; several dashboards may start at once."""
    try:
        storage.write(_MARK, b"{}", "application/json", if_absent=True)
    except AwsConflict:
        return False
    return True
