"""A cancel is found soon, passed on once, and asked for no longer."""

import asyncio
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from formats import keys
from formats.generation.result import ErrorCode
from sagemaker_container.errors import JobError
from sagemaker_container.server.heartbeat import CANCEL_POLL_SECONDS, JobHeartbeat
from sagemaker_container.server.supervisor import JobProgress

ID = "01M82KW0B1ZSQ5JRV5KNRGBS67"


class Front:
    """The bucket and the supervisor, as far as a heartbeat knows them."""

    def __init__(self, looks: list[bool | JobError]) -> None:
        self.looks, self.kept, self.cancelled = looks, set[str](), list[str]()

    def put(self, key: str, *_: object) -> None:
        self.kept.add(key)

    def exists(self, key: str) -> bool:
        assert key == keys.cancel_key(ID)
        if isinstance(look := self.looks.pop(0), JobError):
            raise look
        return look

    def progress(self, _: str) -> JobProgress:
        return JobProgress(preview=b"webp")

    def cancel(self, job_id: str) -> None:
        self.cancelled.append(job_id)


@pytest.mark.parametrize(
    ("looks", "seconds"),
    [
        ([True], 0.0),
        ([False, True], CANCEL_POLL_SECONDS),
        ([JobError(ErrorCode.STORAGE, "S3 is away."), True], 1.0),
    ],
)
def test_a_cancel_is_passed_on_once(looks: list[bool | JobError], seconds: float) -> None:
    front = Front(looks)  # one look more would fail

    async def beat() -> None:
        heartbeat = JobHeartbeat(cast(Any, front), cast(Any, front), lambda: datetime.now(UTC))
        async with heartbeat.running(ID):
            await asyncio.sleep(seconds + 2 * CANCEL_POLL_SECONDS)

    asyncio.run(beat())
    assert front.cancelled == [ID]
    assert front.kept == {keys.progress_key(ID), keys.preview_key(ID)}
