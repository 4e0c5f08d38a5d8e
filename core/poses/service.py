"""Owns the poses of the team: what S3 holds under `poses/`."""

import logging
from base64 import b64encode
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Final

from pydantic import ValidationError

from core.access import Access, Action, User
from core.aws.storage import ObjectSummary, Storage
from core.errors import AwsConflict, AwsError, AwsNotFound, Conflict, InvalidInput, NotFound
from core.ids import Clock, NewId
from core.poses.files import thumbnail
from core.poses.index import OUT_OF_DATE, Version, read_index, write_index
from core.poses.records import SavedPose, check_skeleton, clean_name, clean_tags, matches
from formats.keys import POSES, pose_key
from formats.limits import MAX_NAME
from formats.openpose.skeleton import Skeleton

log = logging.getLogger(__name__)

_JSON: Final = "application/json"
_READERS: Final = 8
_COPY: Final = " (copy)"
_CHANGED: Final = (
    "{owner}'s pose “{name}” was changed meanwhile: it is at save {now}, yours began from save "
    "{yours}. Nothing was overwritten. Save yours as a new pose, or reload and change it again."
)


class PoseLibrary:
    """Saves, finds and changes poses. A list costs one call for each thousand poses, and one for
    each pose that is new or changed since the last list; the first list reads an index."""

    def __init__(self, storage: Storage, access: Access, clock: Clock, new_id: NewId) -> None:
        self._storage = storage
        self._access = access
        self._clock = clock
        self._new_id = new_id
        self._lock = Lock()
        self._read: dict[str, Version] | None = None

    def list(self, user: User, text: str = "") -> tuple[SavedPose, ...]:
        """The poses the user may see, the latest change first; with `text`, those it finds."""
        poses = (version.pose for version in self._versions())
        seen = [p for p in poses if self._access.may(user, Action.SEE, p.owner)]
        found = [p for p in seen if matches(text, p.name, p.tags, p.owner)]
        return tuple(sorted(found, key=lambda p: (p.updated_at, p.id), reverse=True))

    def get(self, user: User, pose_id: str) -> SavedPose:
        """One pose as it is now. Raises NotFound, NotAllowed, InvalidInput."""
        return self._find(user, pose_id, Action.SEE).pose

    def save(self, user: User, name: str, tags: Iterable[str], skeleton: Skeleton) -> SavedPose:
        """Keep a new pose. Raises InvalidInput for a bad name, bad tags, or nobody in it."""
        now = self._clock()
        pose = SavedPose(
            id=self._new_id(),
            name=clean_name(name),
            tags=clean_tags(tags),
            owner=user.name,
            skeleton=check_skeleton(skeleton),
            thumbnail=_small(skeleton),
            created_at=now,
            updated_at=now,
        )
        self._storage.write(pose_key(pose.id), _encoded(pose), _JSON, if_absent=True)
        log.info("event=pose_saved pose=%s", pose.id)
        return pose

    def update(self, user: User, pose: SavedPose) -> SavedPose:
        """Keep a changed pose; its `revision` must be the one that was changed.

        Name, tags and skeleton change, the rest stays. Raises Conflict where somebody saved it
        since then (nothing is overwritten), NotFound where it was deleted, InvalidInput.
        """
        there = self._find(user, pose.id, Action.CHANGE)
        if there.pose.revision != pose.revision:
            raise _changed(there.pose, pose)
        changes = {
            "name": clean_name(pose.name),
            "tags": clean_tags(pose.tags),
            "skeleton": check_skeleton(pose.skeleton),
            "thumbnail": _small(pose.skeleton),
            "updated_at": self._clock(),
            "revision": pose.revision + 1,
        }
        fresh = there.pose.model_copy(update=changes)
        self._replace(user, fresh, there)
        return fresh

    def _replace(self, user: User, fresh: SavedPose, old: Version) -> None:
        try:
            self._storage.replace(pose_key(fresh.id), _encoded(fresh), _JSON, old.etag)
        except AwsConflict as error:
            now = self._find(user, fresh.id, Action.SEE).pose
            raise _changed(now, old.pose) from error
        except AwsNotFound as error:
            raise _gone() from error
        log.info("event=pose_changed pose=%s revision=%d", fresh.id, fresh.revision)

    def duplicate(self, user: User, pose_id: str) -> SavedPose:
        """A copy of the user's own, named after the first."""
        pose = self._find(user, pose_id, Action.USE).pose
        name = pose.name[: MAX_NAME - len(_COPY)] + _COPY
        return self.save(user, name, pose.tags, pose.skeleton)

    def delete(self, user: User, pose_id: str) -> None:
        """Remove a pose. Raises NotFound, NotAllowed."""
        self._find(user, pose_id, Action.DELETE)
        self._storage.delete((pose_key(pose_id),))
        log.info("event=pose_deleted pose=%s", pose_id)

    def _find(self, user: User, pose_id: str, action: Action) -> Version:
        version = self._fetch(_key(pose_id))
        if version is None:
            raise _gone()
        self._access.require(user, action, version.pose.owner)
        return version

    def _versions(self) -> tuple[Version, ...]:
        stored = self._storage.list(POSES)
        known = self._known(stored)
        fresh = [one for one in stored if one.key not in known]
        with ThreadPoolExecutor(_READERS) as pool:
            read = zip(fresh, pool.map(self._current, fresh), strict=True)
            known |= {one.key: version for one, version in read if version}
        if len(fresh) >= OUT_OF_DATE:
            write_index(self._storage, known)
        with self._lock:
            self._read = known
        return tuple(known.values())

    def _known(self, stored: Iterable[ObjectSummary]) -> dict[str, Version]:
        """What was read before and is the same still."""
        with self._lock:
            before = self._read
        if before is None:
            before = read_index(self._storage)
        return {
            one.key: before[one.key]
            for one in stored
            if one.key in before and before[one.key].etag == one.etag
        }

    def _current(self, stored: ObjectSummary) -> Version | None:
        try:
            return self._fetch(stored.key)
        except AwsError as error:
            log.warning("event=pose_unreadable key=%s error=%s", stored.key, error)
            return None

    def _fetch(self, key: str) -> Version | None:
        content = self._storage.find(key)
        if content is None:
            return None
        try:
            return Version(SavedPose.model_validate_json(content.data), content.etag)
        except ValidationError:
            log.warning("event=pose_unreadable key=%s", key)
            return None


def _key(pose_id: str) -> str:
    try:
        return pose_key(pose_id)
    except ValidationError as error:
        raise InvalidInput("This is no pose's id.", "pose") from error


def _small(skeleton: Skeleton) -> str:
    return b64encode(thumbnail(skeleton)).decode()


def _encoded(pose: SavedPose) -> bytes:
    return pose.model_dump_json().encode()


def _changed(now: SavedPose, yours: SavedPose) -> Conflict:
    words = _CHANGED.format(owner=now.owner, name=now.name, now=now.revision, yours=yours.revision)
    return Conflict(words)


def _gone() -> NotFound:
    return NotFound("This pose was deleted meanwhile. Save yours as a new pose.")
