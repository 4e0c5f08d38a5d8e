"""Saves, lists and changes the team's poses, which S3 has under `poses/`."""

import logging
from base64 import b64encode
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock
from typing import Final

from pydantic import ValidationError

from core.aws.storage import ObjectSummary, Storage
from core.errors import (
    AwsConflict,
    AwsError,
    AwsNotFound,
    Conflict,
    InvalidInput,
    NotAllowed,
    NotFound,
)
from core.ids import Clock, NewId
from core.poses.files import thumbnail
from core.poses.index import REWRITE_AFTER, PoseVersion, read_index, write_index
from core.poses.records import SavedPose, check_skeleton, clean_name, clean_tags, matches
from core.team.access import Access
from core.team.permissions import Action, Item, Kind, Visibility
from core.team.sharing import Sharing
from core.team.users import SYSTEM, User
from formats.keys import POSES, pose_key
from formats.limits import MAX_NAME
from formats.openpose.skeleton import Skeleton

log = logging.getLogger(__name__)

_JSON: Final = "application/json"
_READERS: Final = 8
_COPY_SUFFIX: Final = " (copy)"
_CONFLICT: Final = (
    "{owner}'s pose “{name}” was changed meanwhile: it is at save {now}, yours began from save "
    "{yours}. Nothing was overwritten. Save yours as a new pose, or reload and change it again."
)


class PoseLibrary:
    """The poses of the team. A list costs one call for each thousand poses, and one for each pose
    that is new or changed since the last list; the first list reads an index."""

    def __init__(
        self, storage: Storage, access: Access, sharing: Sharing, clock: Clock, new_id: NewId
    ) -> None:
        self._storage = storage
        self._sharing = sharing
        self._access = access
        self._clock = clock
        self._new_id = new_id
        self._lock = Lock()
        self._cache: dict[str, PoseVersion] | None = None

    def list(self, user: User, text: str = "") -> tuple[SavedPose, ...]:
        """The poses the user may see, the latest change first; with `text`, those it finds.

        What is kept of a listing is everybody's; what each may see is decided at each call.
        """
        poses = (version.pose for version in self._versions())
        seen = [p for p in poses if self._access.may(user, Action.SEE, p.item)]
        found = [p for p in seen if matches(text, p.name, p.tags, p.owner)]
        return tuple(sorted(found, key=lambda p: (p.updated_at, p.id), reverse=True))

    def get(self, user: User, pose_id: str) -> SavedPose:
        """One pose as it is now. Raises NotFound, NotAllowed, InvalidInput."""
        return self._find(user, pose_id, Action.SEE).pose

    def save(
        self,
        user: User,
        name: str,
        tags: Iterable[str],
        skeleton: Skeleton,
        visibility: Visibility = Visibility.TEAM,
    ) -> SavedPose:
        """Keep a new pose. Raises InvalidInput for a bad name, bad tags, or nobody in it."""
        pose_id = self._new_id()
        poses = Item(kind=Kind.POSE, owner=user.name)
        with self._access.acting(user, Action.CREATE, poses, pose_id):
            pose = self._new(user, pose_id, name, tags, skeleton, visibility)
            self._storage.write(pose_key(pose.id), _to_json(pose), _JSON, if_absent=True)
        log.info("event=pose_saved pose=%s", pose.id)
        return pose

    def _new(
        self,
        user: User,
        pose_id: str,
        name: str,
        tags: Iterable[str],
        skeleton: Skeleton,
        visibility: Visibility,
    ) -> SavedPose:
        now = self._clock()
        return SavedPose(
            id=pose_id,
            name=clean_name(name),
            tags=clean_tags(tags),
            owner=user.name,
            visibility=visibility,
            skeleton=check_skeleton(skeleton),
            thumbnail=_encode_thumbnail(skeleton),
            created_at=now,
            updated_at=now,
        )

    def update(self, user: User, pose: SavedPose) -> SavedPose:
        """Keep a changed pose; its `revision` must be the one that was changed.

        Name, tags and skeleton change, the rest stays. Raises Conflict where somebody saved it
        since then (nothing is overwritten), NotFound where it was deleted, InvalidInput.
        """
        with self._acting(user, pose.id, Action.CHANGE) as stored:
            return self._update(user, pose, stored)

    def _update(self, user: User, pose: SavedPose, stored: PoseVersion) -> SavedPose:
        if stored.pose.revision != pose.revision:
            raise _conflict(stored.pose, pose)
        changes = {
            "name": clean_name(pose.name),
            "tags": clean_tags(pose.tags),
            "skeleton": check_skeleton(pose.skeleton),
            "thumbnail": _encode_thumbnail(pose.skeleton),
            "updated_at": self._clock(),
            "revision": pose.revision + 1,
        }
        changed = stored.pose.model_copy(update=changes)
        self._replace(user, changed, stored)
        return changed

    def _replace(self, user: User, pose: SavedPose, old: PoseVersion) -> None:
        try:
            self._storage.replace(pose_key(pose.id), _to_json(pose), _JSON, old.etag)
        except AwsConflict as error:
            now = self._find(user, pose.id, Action.SEE).pose
            raise _conflict(now, old.pose) from error
        except AwsNotFound as error:
            raise _deleted() from error
        log.info("event=pose_changed pose=%s revision=%d", pose.id, pose.revision)

    def duplicate(self, user: User, pose_id: str) -> SavedPose:
        """A copy of the user's own, named after the first."""
        pose = self._find(user, pose_id, Action.USE).pose
        name = pose.name[: MAX_NAME - len(_COPY_SUFFIX)] + _COPY_SUFFIX
        return self.save(user, name, pose.tags, pose.skeleton, pose.visibility)

    def share(
        self, user: User, pose_id: str, visibility: Visibility, people: Iterable[str] = ()
    ) -> SavedPose:
        """Say who else may see a pose; who is not named may no more from now on.

        Raises NotFound, NotAllowed, Conflict where somebody saved it at the same moment,
        InvalidInput for people who are not of the team.
        """
        with self._acting(user, pose_id, Action.SHARE) as stored:
            names = self._sharing.recipients(stored.pose.owner, people)
            changes = {"visibility": visibility, "shared_with": names}
            changed = stored.pose.model_copy(update=changes)
            self._replace(user, changed, stored)
        return changed

    def delete(self, user: User, pose_id: str) -> None:
        """Remove a pose. Raises NotFound, NotAllowed."""
        with self._acting(user, pose_id, Action.DELETE):
            self._storage.delete((pose_key(pose_id),))
        log.info("event=pose_deleted pose=%s", pose_id)

    def count_of(self, owner: str) -> int:
        """How many poses somebody has."""
        return len(self._owned(owner))

    def remove_all(self, owner: str) -> None:
        """Remove the poses of somebody who is removed, whoever may see them. Raises AwsError."""
        self._storage.delete(tuple(pose_key(each.pose.id) for each in self._owned(owner)))
        log.info("event=poses_removed owner=%s", owner)

    def hand_over(self, owner: str, to: str) -> None:
        """Make somebody's poses another's. Raises Conflict for one that is changed meanwhile."""
        for version in self._owned(owner):
            changes = {"owner": to, "revision": version.pose.revision + 1}
            self._replace(SYSTEM, version.pose.model_copy(update=changes), version)

    def _owned(self, owner: str) -> tuple[PoseVersion, ...]:
        return tuple(each for each in self._versions() if each.pose.owner == owner)

    @contextmanager
    def _acting(self, user: User, pose_id: str, action: Action) -> Iterator[PoseVersion]:
        """Around what is done with a pose, which the audit keeps. Raises as `get`."""
        version = self._known(user, pose_id)
        with self._access.acting(user, action, version.pose.item, pose_id):
            yield version

    def _find(self, user: User, pose_id: str, action: Action) -> PoseVersion:
        version = self._known(user, pose_id)
        self._access.require(user, action, version.pose.item, pose_id)
        return version

    def _known(self, user: User, pose_id: str) -> PoseVersion:
        """A pose that the user may know of."""
        version = self._fetch(_key(pose_id))
        if version is None:
            raise _deleted()
        try:
            self._access.require(user, Action.LIST, version.pose.item, pose_id)
        except NotAllowed as error:  # the answer must not tell that there is one
            raise _deleted() from error
        return version

    def _versions(self) -> tuple[PoseVersion, ...]:
        objects = self._storage.list(POSES)
        versions = self._unchanged(objects)
        unread = [summary for summary in objects if summary.key not in versions]
        with ThreadPoolExecutor(_READERS) as pool:
            read = zip(unread, pool.map(self._fetch_listed, unread), strict=True)
            versions |= {summary.key: version for summary, version in read if version}
        if len(unread) >= REWRITE_AFTER:
            write_index(self._storage, versions)
        with self._lock:
            self._cache = versions
        return tuple(versions.values())

    def _unchanged(self, objects: Iterable[ObjectSummary]) -> dict[str, PoseVersion]:
        """The poses that were read before and have the same ETag still."""
        with self._lock:
            cache = self._cache
        if cache is None:
            cache = read_index(self._storage)
        etags = {summary.key: summary.etag for summary in objects}
        return {key: version for key, version in cache.items() if etags.get(key) == version.etag}

    def _fetch_listed(self, summary: ObjectSummary) -> PoseVersion | None:
        try:
            return self._fetch(summary.key)
        except AwsError as error:
            log.warning("event=pose_unreadable key=%s error=%s", summary.key, error)
            return None

    def _fetch(self, key: str) -> PoseVersion | None:
        content = self._storage.find(key)
        if content is None:
            return None
        try:
            return PoseVersion(SavedPose.model_validate_json(content.data), content.etag)
        except ValidationError:
            log.warning("event=pose_unreadable key=%s", key)
            return None


def _key(pose_id: str) -> str:
    try:
        return pose_key(pose_id)
    except ValidationError as error:
        raise InvalidInput("This is no pose's id.", "pose") from error


def _encode_thumbnail(skeleton: Skeleton) -> str:
    return b64encode(thumbnail(skeleton)).decode()


def _to_json(pose: SavedPose) -> bytes:
    return pose.model_dump_json().encode()


def _conflict(now: SavedPose, yours: SavedPose) -> Conflict:
    revisions = {"now": now.revision, "yours": yours.revision}
    return Conflict(_CONFLICT.format(owner=now.owner, name=now.name, **revisions))


def _deleted() -> NotFound:
    return NotFound("This pose was deleted meanwhile. Save yours as a new pose.")
