"""Poses of the team are kept in S3; nobody's save gets lost."""

import io
import json
import threading
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from PIL import Image

from core.errors import AwsConflict, AwsNotFound, Conflict, InvalidInput, NotAllowed, NotFound
from core.ids import new_id
from core.poses.index import REWRITE_AFTER
from core.poses.records import SavedPose
from core.poses.service import PoseLibrary
from core.studio.service import Studio
from core.team import people
from core.team.access import Access, Policy, allow_all
from core.team.permissions import Action, Item, Visibility, is_allowed
from core.team.sharing import Sharing
from core.team.users import LOCAL, Role, User
from formats.keys import POSE_INDEX, pose_key
from formats.openpose.skeleton import Person
from tests.poses.figures import canvas, standing

POSE = canvas(standing())
OTHER = canvas(standing(0.8), standing(0.5, 100))


def only_own(user: User, action: Action, item: Item) -> bool:
    """Everybody sees everything and changes only their own."""
    return action in {Action.LIST, Action.SEE, Action.USE} or user.name == item.owner


@pytest.fixture
def open_library(studio: Studio) -> Callable[..., PoseLibrary]:
    seconds = count()

    def clock() -> datetime:
        return datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=next(seconds))

    def build(policy: Policy = allow_all) -> PoseLibrary:
        sharing = Sharing(studio.records, clock)
        return PoseLibrary(studio.storage, Access(policy), sharing, clock, new_id)

    return build


@pytest.fixture
def library(open_library: Callable[..., PoseLibrary]) -> PoseLibrary:
    return open_library()


def test_saved_and_listed_by_every_dashboard(
    library: PoseLibrary, open_library: Callable[..., PoseLibrary]
) -> None:
    first = library.save(LOCAL, "  Waving  hello ", ("Wave", "wave", " "), POSE)
    second = library.save(LOCAL, "Two", (), OTHER)
    assert (first.name, first.tags, first.owner, first.revision) == (
        "Waving hello",
        ("wave",),
        "local",
        1,
    )
    assert library.list(LOCAL) == open_library().list(LOCAL) == (second, first)
    assert library.get(LOCAL, first.id) == first


def test_a_thumbnail_is_kept_with_the_pose_and_follows_it(
    library: PoseLibrary, studio: Studio
) -> None:
    first = library.save(LOCAL, "One", (), POSE)
    second = library.update(LOCAL, first.model_copy(update={"skeleton": OTHER}))
    kept = json.loads(studio.storage.read(pose_key(first.id)).data)["thumbnail"]
    assert kept == second.thumbnail != first.thumbnail
    assert Image.open(io.BytesIO(b64decode(kept))).size == (128, 128)


@pytest.mark.parametrize(
    ("text", "found"),
    [("", 3), ("WAV", 1), ("fight two", 1), ("two", 2), ("local", 3), ("nothing", 0)],
)
def test_search(library: PoseLibrary, text: str, found: int) -> None:
    for name, tags in (("Waving", ()), ("Fight", ("two", "action")), ("Two friends", ())):
        library.save(LOCAL, name, tags, POSE)
    assert len(library.list(LOCAL, text)) == found


def test_an_unchanged_list_costs_one_call(library: PoseLibrary, studio: Studio) -> None:
    calls: list[str] = []
    for i in range(5):
        library.save(LOCAL, f"Pose {i}", (), POSE)
    events = studio.storage._s3.meta.events
    events.register("before-call.s3", lambda model, **_: calls.append(model.name))
    poses = library.list(LOCAL)
    assert sorted(calls) == ["GetObject"] * 6 + ["ListObjectsV2"]  # five poses and no index yet
    calls.clear()
    library.list(LOCAL)
    library.update(LOCAL, poses[0])
    library.list(LOCAL)
    assert calls == ["ListObjectsV2", "GetObject", "PutObject", "ListObjectsV2", "GetObject"]


def test_another_dashboard_reads_many_poses_from_the_index(
    library: PoseLibrary, open_library: Callable[..., PoseLibrary], studio: Studio
) -> None:
    many = [library.save(LOCAL, f"Pose {i}", (), POSE) for i in range(REWRITE_AFTER)]
    library.list(LOCAL)
    changed = library.update(LOCAL, many[3])
    library.delete(LOCAL, many[4].id)
    calls: list[str] = []
    events = studio.storage._s3.meta.events
    events.register("before-call.s3", lambda model, **_: calls.append(model.name))
    poses = open_library().list(LOCAL)
    assert calls == ["ListObjectsV2", "GetObject", "GetObject"]  # the index, and what changed
    assert poses[0] == changed
    assert len(poses) == REWRITE_AFTER - 1
    studio.storage.write(POSE_INDEX, b"no index", "application/json")
    assert open_library().list(LOCAL) == poses


def test_the_second_of_two_savers_is_told(library: PoseLibrary) -> None:
    read = library.save(LOCAL, "Shared", (), POSE)
    kept = library.update(LOCAL, read.model_copy(update={"skeleton": OTHER}))
    assert (kept.revision, kept.created_at) == (2, read.created_at)
    with pytest.raises(Conflict, match="save 2, yours began from save 1"):
        library.update(LOCAL, read.model_copy(update={"name": "Mine"}))
    assert library.get(LOCAL, read.id) == kept


def test_of_many_at_the_same_time_one_wins(library: PoseLibrary) -> None:
    read = library.save(LOCAL, "Shared", (), POSE)
    start = threading.Barrier(6)
    done: list[str] = []

    def save(name: str) -> None:
        start.wait()
        try:
            done.append(library.update(LOCAL, read.model_copy(update={"name": name})).name)
        except Conflict:
            done.append("told")

    threads = [threading.Thread(target=save, args=(f"by {i}",)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(180)
    assert sorted(done)[1:] == ["told"] * 5
    assert library.get(LOCAL, read.id).name == sorted(done)[0]


def test_duplicate_and_delete(library: PoseLibrary) -> None:
    first = library.save(LOCAL, "n" * 128, ("a",), POSE)
    copy = library.duplicate(LOCAL, first.id)
    assert (copy.skeleton, copy.tags, len(copy.name)) == (POSE, ("a",), 128)
    library.delete(LOCAL, first.id)
    assert library.list(LOCAL) == (copy,)
    for use in (library.get, library.delete, library.duplicate):
        with pytest.raises(NotFound):
            use(LOCAL, first.id)
    with pytest.raises(NotFound, match="deleted meanwhile"):
        library.update(LOCAL, first)


def test_permissions(open_library: Callable[..., PoseLibrary]) -> None:
    library = open_library(only_own)
    ann, bob = User(name="ann"), User(name="bob")
    pose = library.save(ann, "Ann's", (), POSE)
    for refused in (lambda: library.update(bob, pose), lambda: library.delete(bob, pose.id)):
        with pytest.raises(NotAllowed):
            refused()
    assert library.duplicate(bob, pose.id).owner == "bob"


@pytest.mark.parametrize(
    ("name", "tags", "people", "field"),
    [
        (" ", (), POSE.people, "name"),
        ("n" * 129, (), POSE.people, "name"),
        ("ok", ("t" * 33,), POSE.people, "tags"),
        ("ok", [str(i) for i in range(13)], POSE.people, "tags"),
        ("ok", (), (), "skeleton"),
        ("ok", (), (Person(body=(None,) * 18),), "skeleton"),
    ],
)
def test_bad_poses_are_refused(
    library: PoseLibrary, name: str, tags: list[str], people: tuple[Person, ...], field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        library.save(LOCAL, name, tags, canvas(*people))
    assert caught.value.field == field
    assert library.list(LOCAL) == ()


def test_what_is_no_pose_is_passed_over(library: PoseLibrary, studio: Studio) -> None:
    pose = library.save(LOCAL, "Good", (), POSE)
    studio.storage.write(pose_key(new_id()), b"{}", "application/json")
    studio.storage.write("poses/readme.txt", b"hello", "text/plain")
    assert library.list(LOCAL) == (pose,)
    with pytest.raises(InvalidInput):
        library.get(LOCAL, "../jobs")


def test_a_record_of_a_later_version_is_read() -> None:
    now = datetime(2026, 11, 1, tzinfo=UTC)
    pose = SavedPose(
        id=new_id(), name="a", owner="x", skeleton=POSE, created_at=now, updated_at=now
    )
    later = pose.model_dump_json()[:-1] + ', "mood": "happy"}'
    assert SavedPose.model_validate_json(later) == pose


def test_an_object_is_replaced_only_as_it_was_read(studio: Studio) -> None:
    studio.storage.write("poses/a", b"1", "text/plain")
    etag = studio.storage.read("poses/a").etag
    studio.storage.replace("poses/a", b"2", "text/plain", etag)
    with pytest.raises(AwsConflict):
        studio.storage.replace("poses/a", b"3", "text/plain", etag)
    with pytest.raises(AwsNotFound):
        studio.storage.replace("poses/b", b"3", "text/plain", etag)
    assert studio.storage.read("poses/a").data == b"2"


ANN, BOB = User(name="ann", role=Role.ARTIST), User(name="bob", role=Role.ADMIN)


def test_a_private_pose_is_found_by_its_owner_and_whom_it_is_shared_with(
    open_library: Callable[..., PoseLibrary], studio: Studio
) -> None:
    """Also by another dashboard, which reads the same index."""
    library, now = open_library(is_allowed), datetime(2026, 11, 1, tzinfo=UTC)
    bob = people.Person(name="bob", first_seen=now, last_seen=now)
    studio.records.add(people.PEOPLE, "bob", "person", bob)
    private = library.save(ANN, "Secret", ("hidden",), POSE, Visibility.PRIVATE)
    team = library.save(ANN, "Open", (), POSE)
    for number in range(REWRITE_AFTER):
        library.save(ANN, f"Secret {number}", (), POSE, Visibility.PRIVATE)
    for opened in (library, open_library(is_allowed)):
        assert len(opened.list(ANN)) == REWRITE_AFTER + 2
        assert opened.list(BOB) == (team,)
        assert opened.list(BOB, "secret") == opened.list(BOB, "hidden") == ()
    for read in (library.get, library.duplicate, library.delete):
        with pytest.raises(NotFound):
            read(BOB, private.id)
    with pytest.raises(NotFound):
        library.update(BOB, private)
    shared = library.share(ANN, private.id, Visibility.PRIVATE, ("bob",))
    assert library.list(BOB, "secret") == (shared,)
    copy = library.duplicate(BOB, private.id)
    assert (copy.owner, copy.visibility, copy.shared_with) == ("bob", Visibility.PRIVATE, ())
    for denied in (
        lambda: library.update(BOB, shared),
        lambda: library.delete(BOB, private.id),
        lambda: library.share(BOB, private.id, Visibility.TEAM),
    ):
        with pytest.raises(NotAllowed):
            denied()
    assert library.share(ANN, private.id, Visibility.PRIVATE) == private
    assert library.list(BOB, "secret") == (copy,)


def test_a_pose_of_an_older_version_is_the_teams(library: PoseLibrary, studio: Studio) -> None:
    first = library.save(ANN, "One", (), POSE)
    old = json.loads(studio.storage.read(pose_key(first.id)).data)
    del old["visibility"], old["shared_with"]
    studio.storage.write(pose_key(first.id), json.dumps(old).encode(), "application/json")
    assert library.get(BOB, first.id) == first
