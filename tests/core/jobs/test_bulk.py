"""Many jobs at once: each passes its own check, what can't be done is told, the others go on."""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from zipfile import ZipFile

import pytest

from core.errors import AwsError, InvalidInput
from core.ids import new_id
from core.jobs.bulk.job_table import COLUMNS
from core.jobs.bulk.outcome import BulkOutcome
from core.jobs.bulk.service import MAX_BULK, BulkJobs
from core.jobs.bulk.tags import MAX_TAG, MAX_TAGS, edited_tags
from core.jobs.bulk.zip_stream import ZipEntry, zip_chunks
from core.jobs.records import JobState
from core.studio.service import Studio
from core.team.permissions import Visibility
from core.team.users import User
from formats.generation.request import GenerationRequest, LoraUse
from formats.keys import output_key, request_key
from tests.core.jobs.test_trash import ANN, BOB, connection, studio
from tests.core.team.services import keep_job, png

__all__ = ["connection", "studio"]

QUEUED = {"state": JobState.QUEUED, "sent_at": None, "started_at": None}


@pytest.fixture
def ids(studio: Studio) -> list[str]:
    """Two of Ann's that ended, an open one, one of Bob's that the team sees, and none."""
    jobs = [
        keep_job(studio, ANN.name, prompt="one"),
        keep_job(studio, ANN.name, state=JobState.FAILED),
        keep_job(studio, ANN.name, **QUEUED),
        keep_job(studio, BOB.name, visibility=Visibility.TEAM),
    ]
    return [*(job.id for job in jobs), new_id()]


def left_out(outcome: BulkOutcome, ids: list[str]) -> dict[int, str]:
    return {ids.index(each.job_id): each.message for each in outcome.problems}


def test_the_trash_takes_what_may_go_and_gives_it_back(studio: Studio, ids: list[str]) -> None:
    outcome = studio.bulk.trash(ANN, ids)
    assert outcome.done == tuple(ids[:2])
    told = left_out(outcome, ids)
    assert told.keys() == {2, 3, 4}
    assert "Cancel it first" in told[2]
    assert "not in the list" in told[4]
    assert studio.jobs.get(BOB, ids[3]).trashed_at is None
    assert studio.bulk.restore(ANN, outcome.done).done == outcome.done
    assert studio.bulk.cancel(ANN, ids).done == (ids[2],)
    assert studio.bulk.delete(ANN, ids[:2]).done == tuple(ids[:2])
    assert studio.jobs.get(BOB, ids[3])


def test_the_failed_ones_are_tried_again(studio: Studio, ids: list[str]) -> None:
    """There is no such endpoint here, which is told of the one that failed alone."""
    told = left_out(studio.bulk.retry(ANN, ids, new_id()), ids)
    assert "endpoint" in told[1]
    assert all("has not failed" in told[index] for index in (0, 2, 3))


def test_tags_are_put_on_and_taken_off(studio: Studio, ids: list[str]) -> None:
    outcome = studio.bulk.tag(ANN, ids, [" city ", "Ink", "", "ink"])
    assert outcome.done == tuple(ids[:3])
    assert studio.jobs.get(ANN, ids[0]).tags == ("city", "Ink")
    studio.bulk.tag(ANN, ids[:1], ["night"], ["CITY"])
    assert studio.jobs.get(ANN, ids[0]).tags == ("Ink", "night")
    with pytest.raises(InvalidInput):
        studio.bulk.tag(ANN, ids, ["x" * (MAX_TAG + 1)])
    with pytest.raises(InvalidInput):
        edited_tags((), map(str, range(MAX_TAGS + 1)))


def test_collections_take_what_they_take(studio: Studio, ids: list[str]) -> None:
    class Board:
        def __init__(self) -> None:
            self.jobs: list[str] = []

        def titles(self, user: User) -> Mapping[str, str]:
            return {"board": f"Board of {user.name}"}

        def add(self, _user: User, _collection_id: str, job_id: str) -> None:
            self.jobs.append(job_id)

    bulk, board = BulkJobs(studio.jobs, studio.job_trash, studio.jobs._authorized), Board()
    with pytest.raises(InvalidInput):
        bulk.collect(ANN, ids, "board")
    bulk.collections = board
    assert bulk.collect(ANN, ids[:2], "board").done == tuple(ids[:2])
    assert sorted(board.jobs) == sorted(ids[:2])


def test_a_call_takes_a_thousand(studio: Studio) -> None:
    ids = [new_id() for _ in range(MAX_BULK + 1)]
    for act in (studio.bulk.trash, studio.archives.open):
        with pytest.raises(InvalidInput, match="At most 1,000"):
            act(ANN, ids)


def read_zip(data: bytes) -> tuple[dict[str, bytes], list[dict[str, str]]]:
    with ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    table = files.pop("jobs.csv").decode("utf-8-sig")
    return files, list(csv.DictReader(io.StringIO(table, newline="")))


def test_an_archive_has_the_images_and_a_table_of_them(studio: Studio) -> None:
    formula = '=HYPERLINK("http://evil","x")\nsecond line'
    job = keep_job(studio, ANN.name, image_count=2, prompt="=1+1")
    request = GenerationRequest(
        id=job.id,
        owner=ANN.name,
        checkpoint=job.checkpoint,
        prompt=formula,
        negative_prompt="@bad, ünïcode",
        seed=7,
        loras=(LoraUse(name="ink.safetensors", weight=0.8),),
    )
    body = request.model_dump_json().encode()
    studio.storage.write(request_key(job.id), body, "application/json")
    studio.storage.write(output_key(job.id, 1), b"another", "image/png")
    other = keep_job(studio, ANN.name, prompt="one")
    files, rows = read_zip(b"".join(studio.archives.open(ANN, [job.id, other.id])))
    name = f"{job.created_at:%Y-%m-%d_%H-%M-%S}_{job.id}"
    assert files[f"{name}_1.png"] == png()
    assert files[f"{name}_2.png"] == b"another"
    assert len(files) == 3
    assert tuple(rows[0]) == COLUMNS
    assert [row["file"] for row in rows[:2]] == [f"{name}_1.png", f"{name}_2.png"]
    assert rows[0]["prompt"] == f"'{formula}"
    assert rows[0]["negative_prompt"] == "'@bad, ünïcode"
    assert (rows[0]["seed"], rows[0]["loras"]) == ("7", "ink.safetensors:0.8")
    assert "Steps: 20" in rows[0]["parameters"]
    assert rows[2]["id"] == other.id


def test_an_archive_names_what_is_not_in_it(studio: Studio, ids: list[str]) -> None:
    studio.storage.delete((output_key(ids[0], 0),))
    secret = keep_job(studio, BOB.name, prompt="bobs secret")
    files, rows = read_zip(b"".join(studio.archives.open(ANN, [*ids, secret.id])))
    told = files.pop("left_out.txt").decode().split("\n")
    assert set(filter(None, told)) == {secret.id, ids[4], f"{ids[0]} 1"}
    assert "secret" not in str(rows).replace("a secret", "")
    assert {row["id"] for row in rows} == set(ids[:4])
    assert not any(secret.id in name for name in files)


def test_a_break_in_the_middle_leaves_no_whole_archive() -> None:
    def breaks() -> list[bytes]:
        raise AwsError("S3 is silent")

    at = datetime(1970, 1, 1, tzinfo=UTC)

    def entries() -> Iterator[ZipEntry]:
        yield ZipEntry("a", at, [b"1"])
        yield ZipEntry("b", at, breaks())

    chunks = zip_chunks(entries())
    with pytest.raises(AwsError):
        list(chunks)


def test_an_archive_is_made_as_it_is_read() -> None:
    read: list[int] = []

    def part(number: int) -> list[bytes]:
        read.append(number)
        return [bytes(1000)] * 3

    at = datetime(2026, 1, 1, tzinfo=UTC)
    chunks = zip_chunks(ZipEntry(str(n), at, part(n)) for n in range(100))
    sizes = [len(next(chunks)) for _ in range(8)]
    assert len(read) <= 3
    assert max(sizes) < 3000
    rest = b"".join(chunks)
    assert len(rest) > 250_000
