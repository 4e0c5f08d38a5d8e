"""Chooses the folder of the model cache: on the volume with the most free space.

SageMaker mounts the NVMe disks of an instance type that has them at `/tmp`, and an EBS volume of
30 GB elsewhere; the container can only ask which it is.
"""

import logging
import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

_log = logging.getLogger(__name__)


def free_bytes(folder: Path) -> int:
    """What is free on the volume of a folder, which need not exist; 0 where it can't be used."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(existing, os.W_OK):
        return 0
    try:
        return shutil.disk_usage(existing).free
    except OSError:
        return 0


def choose_folder(folders: Sequence[Path], free: Callable[[Path], int] = free_bytes) -> Path:
    """The folder that was chosen before, so that what it holds is found again; else the roomiest.

    Of folders with as much room, as on one volume, it is the first.
    """
    chosen = next((folder for folder in folders if folder.is_dir()), None)
    chosen = chosen or max(folders, key=free)
    _log.info("event=cache_folder folder=%s free=%d", chosen, free(chosen))
    return chosen
