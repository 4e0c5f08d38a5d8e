"""The index of the team's poses: one object, so that a new process need not read each."""

import logging
from collections.abc import Mapping
from typing import Final, NamedTuple

from pydantic import ValidationError

from core.aws.storage import Storage
from core.errors import AwsError
from core.poses.records import SavedPose
from formats.frozen import Tolerant
from formats.keys import POSE_INDEX

log = logging.getLogger(__name__)


class PoseVersion(NamedTuple):
    """A pose, and the ETag of the object it was read from."""

    pose: SavedPose
    etag: str


class _IndexEntry(Tolerant):
    key: str
    etag: str
    pose: SavedPose


class _Index(Tolerant):
    poses: tuple[_IndexEntry, ...] = ()


REWRITE_AFTER: Final = 16
"""Poses that the index lacks, from which on it is written again."""


def read_index(storage: Storage) -> dict[str, PoseVersion]:
    """The poses as they were when the index was written, by key; compare ETags before use.

    The index may be out of date or missing: the poses' own objects decide.
    """
    try:
        content = storage.find(POSE_INDEX)
        entries = _Index.model_validate_json(content.data).poses if content else ()
    except (AwsError, ValidationError) as error:
        log.warning("event=pose_index_unreadable error=%s", type(error).__name__)
        return {}
    return {entry.key: PoseVersion(entry.pose, entry.etag) for entry in entries}


def write_index(storage: Storage, poses: Mapping[str, PoseVersion]) -> None:
    """Write all poses. Two that write at once do no harm: a reader checks the ETags."""
    entries = tuple(_IndexEntry(key=k, etag=v.etag, pose=v.pose) for k, v in poses.items())
    try:
        body = _Index(poses=entries).model_dump_json().encode()
        storage.write(POSE_INDEX, body, "application/json")
    except AwsError as error:
        log.warning("event=pose_index_not_written error=%s", error)
