"""One heartbeat tells of all jobs; a cancel is found soon and passed on, and calls stay few."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from formats import keys
from formats.generation.progress import Heartbeat
from formats.generation.result import ErrorCode
from sagemaker_container.errors import JobError
from sagemaker_container.server.heartbeat import (
    CANCEL_POLL_SECONDS,
    HEARTBEAT_SECONDS,
    InstanceHeartbeat,
)
from sagemaker_container.server.supervisor import JobProgress
from sagemaker_container.storage.bucket import S3Object

IDS = tuple(f"01M82KW0B1ZSQ5JRV5KNRGBS6{n}" for n in range(8))
PREVIEW = b"\x00webp\xff"
DOLLARS_A_PUT, DOLLARS_A_HEAD = 5e-6, 0.4e-6
DOLLARS_AN_HOUR = 1.408
"""List price of an ml.g5.xlarge, us-east-1."""

AWAY = JobError(ErrorCode.STORAGE, "S3 is away.")


class Front:
    """The bucket and the supervisor, as far as a heartbeat knows them; seconds are virtual."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.stored: dict[str, bytes] = {}
        self.cancelled: list[str] = []
        self.last_cancel: str | None = None
        self.is_away = False
        self.may_delete = True

    def put(self, key: str, data: bytes, _: str) -> None:
        self.calls.append(("PUT", key))
        self.stored[key] = data

    def delete(self, key: str) -> None:
        self.calls.append(("DELETE", key))
        if not self.may_delete:
            raise JobError(ErrorCode.STORAGE, "Denied.")
        self.stored.pop(key, None)

    def head(self, key: str) -> S3Object | None:
        self.calls.append(("HEAD", key))
        if self.is_away:
            self.is_away = False
            raise AWAY
        assert key == keys.LAST_CANCEL
        return S3Object(key, self.last_cancel, 1, None) if self.last_cancel else None

    def exists(self, key: str) -> bool:
        self.calls.append(("HEAD", key))
        return key in self.stored

    def progress(self, _: str) -> JobProgress:
        return JobProgress(preview=PREVIEW)

    def cancel(self, job_id: str) -> None:
        self.cancelled.append(job_id)


class VirtualTime:
    """Pauses that end one after the other, in the order of their virtual ends."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    async def pause(self, seconds: float) -> None:
        ended = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.now + seconds, len(self._sleepers), ended))
        await ended

    async def pass_until(self, end: float) -> None:
        while True:
            for _ in range(20):  # what runs in threads ends before time goes on
                await asyncio.sleep(0.001)
            self._sleepers.sort(key=lambda sleeper: sleeper[:2])
            if not self._sleepers or self._sleepers[0][0] > end:
                self.now = end
                return
            self.now, _, ended = self._sleepers.pop(0)
            ended.set_result(None)


def beat(
    front: Front, jobs: int, seconds: float, at: Callable[[float], None] = lambda _: None
) -> None:
    """Run so many jobs together for so long, and then none; `at` is called every half a second."""

    async def run() -> None:
        time, here = VirtualTime(), cast(Any, front)
        heartbeat = InstanceHeartbeat(here, here, "i-1", lambda: datetime.now(UTC), time.pause)
        with ExitStack() as running:
            for job_id in IDS[:jobs]:
                running.enter_context(heartbeat.running(job_id))
            for half in range(int(seconds * 2)):
                at(half / 2)
                await time.pass_until(half / 2)
        await time.pass_until(seconds + 2)

    asyncio.run(run())


def test_one_heartbeat_tells_of_all_jobs_with_their_previews() -> None:
    front, seen = Front(), list[bytes]()
    beat(front, 8, 3, lambda _: seen.extend(front.stored.values()))
    heartbeat = Heartbeat.model_validate_json(seen[-1])
    assert [job.id for job in heartbeat.jobs] == list(IDS)
    assert {job.preview for job in heartbeat.jobs} == {PREVIEW}
    assert front.stored == {}, "nothing runs any more"
    assert front.calls[-1] == ("DELETE", keys.heartbeat_key("i-1"))


def test_a_role_that_may_not_delete_says_that_nothing_runs() -> None:
    front = Front()
    front.may_delete = False
    beat(front, 2, 2)
    (stored,) = front.stored.values()
    assert Heartbeat.model_validate_json(stored).jobs == ()


@pytest.mark.parametrize("jobs", [1, 8])
def test_calls_do_not_grow_with_the_jobs(jobs: int) -> None:
    front, seconds = Front(), 40
    beat(front, jobs, seconds)
    puts = [call for call in front.calls if call[0] == "PUT"]
    assert len(puts) <= seconds / HEARTBEAT_SECONDS + 1
    looks = [key for name, key in front.calls if name == "HEAD" and key == keys.LAST_CANCEL]
    assert len(looks) <= seconds / CANCEL_POLL_SECONDS + 4
    each = [key for name, key in front.calls if name == "HEAD" and key != keys.LAST_CANCEL]
    assert len(each) <= jobs * (seconds / 5 + 1)
    an_hour = (len(puts) * DOLLARS_A_PUT + (len(looks) + len(each)) * DOLLARS_A_HEAD) * 3600
    assert an_hour / seconds < DOLLARS_AN_HOUR * 0.02


@pytest.mark.parametrize("is_told", [True, False])
def test_a_cancel_is_passed_on(is_told: bool) -> None:
    front, found = Front(), list[float]()

    def cancel(at: float) -> None:
        if at == 1:
            front.stored[keys.cancel_key(IDS[3])] = b""
            front.last_cancel = "a version" if is_told else None
        found.extend([at] if front.cancelled else [])

    beat(front, 8, 8, cancel)
    assert set(front.cancelled) == {IDS[3]}
    assert found[0] <= (1.5 if is_told else 6.5), "older dashboards write the job's own key alone"


def test_a_cancel_is_found_once_s3_is_back() -> None:
    front = Front()
    front.is_away = True
    front.stored[keys.cancel_key(IDS[0])] = b""
    beat(front, 1, 3)
    assert set(front.cancelled) == {IDS[0]}
