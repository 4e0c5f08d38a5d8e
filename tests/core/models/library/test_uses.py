"""What uses a file: jobs that ended are counted once each, those of others stay hidden."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from core.aws.storage import Storage
from core.errors import NotFound
from core.ids import new_id
from core.jobs.records import Job
from core.jobs.store.open_requests import OpenRequests
from core.models.service import ModelLibrary, ModelUses, Uses
from core.team.users import User
from formats.generation.parameters import Mode
from formats.generation.request import GenerationRequest
from formats.keys import request_key
from formats.models.kinds import ModelKind
from tests.core.models.library.conftest import ADA, BOB, Opened, Put, counted
from tests.core.team.conftest import MovedClock

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FILE = (ModelKind.LORA, "cats.safetensors")


def test_an_ended_job_counts_once(library: ModelLibrary, open_library: Opened, put: Put) -> None:
    key, other = put().key, open_library()
    jobs = [new_id() for _ in range(25)]
    for number, job in enumerate(jobs):
        library.count_job(job, NOW + timedelta(minutes=number), [FILE, FILE])
    other.count_job(jobs[-1], NOW, [FILE])
    (file,) = other.list(BOB)
    assert (file.record.jobs, file.record.last_used) == (25, NOW + timedelta(minutes=24))
    assert file.record.recent_jobs == ()  # whose they are, not everybody may know
    theirs = set(jobs[::2])

    def seen(user: User, job_ids: Sequence[str]) -> tuple[str, ...]:
        return tuple(each for each in job_ids if user == BOB and each in theirs)

    library.others = ModelUses(seen_jobs=seen)
    assert library.recent_jobs(BOB, key) == tuple(j for j in reversed(jobs[5:]) if j in theirs)
    assert library.recent_jobs(ADA, key) == ()


def request(job_id: str, prompt: str = "a cat") -> GenerationRequest:
    return GenerationRequest(
        id=job_id, owner=BOB.name, checkpoint="base.safetensors", prompt=prompt, seed=1
    )


def job(job_id: str) -> Job:
    return Job(
        id=job_id,
        owner=BOB.name,
        endpoint="e",
        created_at=NOW,
        updated_at=NOW,
        mode=Mode.TXT2IMG,
        checkpoint="base.safetensors",
        prompt="",
    )


def test_open_jobs_by_their_requests(storage: Storage) -> None:
    jobs = [job(new_id()) for _ in range(3)]
    prompts = ("a cat", "a cat <lora:cats:0.5>")
    for each, prompt in zip(jobs, prompts, strict=False):
        body = request(each.id, prompt).model_dump_json().encode()
        storage.write(request_key(each.id), body, "application/json")
    requests = OpenRequests(storage, lambda: tuple(jobs))
    assert requests.naming(*FILE) == 1
    with counted(storage) as calls:
        assert requests.naming(ModelKind.CHECKPOINT, "base.safetensors") == 3
    assert calls.count("GetObject") <= 1  # of the job whose request is not stored yet
    assert requests.named() == {FILE, (ModelKind.CHECKPOINT, "base.safetensors")}
    jobs.clear()
    assert requests.named() == frozenset()
    assert requests.naming(*FILE) == 0


def test_those_in_use(library: ModelLibrary, put: Put, clock: MovedClock) -> None:
    key = put().key
    put("dogs.safetensors")
    assert library.in_use(BOB) == frozenset()
    library.others = ModelUses(in_use=lambda files: frozenset(f for f in files if f == FILE))
    assert library.in_use(BOB) == frozenset()  # as it was a moment ago
    clock.move(seconds=11)
    assert library.in_use(BOB) == {key}


def test_what_a_deletion_would_touch(library: ModelLibrary, put: Put) -> None:
    key = put().key
    assert library.uses(BOB, key) == Uses()
    library.others = ModelUses(
        open_jobs=lambda kind, name: 2 * ((kind, name) == FILE), forms=lambda _kind, _name: 1
    )
    uses = library.uses(BOB, key)
    assert (uses.open_jobs, uses.forms, uses.is_used) == (2, 1, True)
    with pytest.raises(NotFound):
        library.uses(BOB, "models/Lora/none.safetensors")
