"""A cancel is found soon, passed on once, and not looked for again."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from formats import keys
from formats.generation.result import ErrorCode
from sagemaker_container.errors import JobError
from sagemaker_container.server.heartbeat import (
    CANCEL_POLL_SECONDS,
    HEARTBEAT_SECONDS,
    JobHeartbeat,
)
from sagemaker_container.server.supervisor import JobProgress

ID = "01M82KW0B1ZSQ5JRV5KNRGBS67"
PREVIEW = b"webp"


class Front:
    """The bucket and the supervisor, as far as a heartbeat knows them; no pause takes time."""

    def __init__(self, looks: list[bool | JobError]) -> None:
        self.looks, self.kept, self.cancelled = iter(looks), list[str](), list[str]()
        self.looked, self.pauses = 0, list[float]()

    def put(self, key: str, *_: object) -> None:
        self.kept.append(key)

    def exists(self, key: str) -> bool:
        assert key == keys.cancel_key(ID)
        self.looked += 1
        if isinstance(look := next(self.looks), JobError):
            raise look
        return look

    async def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        await asyncio.sleep(0)

    def progress(self, _: str) -> JobProgress:
        return JobProgress(preview=PREVIEW)

    def cancel(self, job_id: str) -> None:
        self.cancelled.append(job_id)


@pytest.mark.parametrize(
    ("looks", "pauses"),
    [
        ([True], 0),
        ([False, False, True], 2),
        ([JobError(ErrorCode.STORAGE, "S3 is away."), True], 0),  # it pauses as long as a beat
    ],
)
def test_a_cancel_is_passed_on_once(looks: list[bool | JobError], pauses: int) -> None:
    front = Front(looks)

    async def until(what: Callable[[], bool]) -> None:
        while not what():
            await asyncio.sleep(0.001)

    async def beat() -> None:
        here = cast(Any, front)
        async with (
            asyncio.timeout(60),
            JobHeartbeat(here, here, lambda: datetime.now(UTC), front.pause).running(ID),
        ):
            await until(lambda: bool(front.cancelled))
            now = len(front.kept)
            await until(lambda: len(front.kept) > now + 5)  # beats go on, looks don't

    asyncio.run(beat())
    assert (front.cancelled, front.looked) == ([ID], len(looks))
    assert set(front.kept) == {keys.progress_key(ID), keys.preview_key(ID)}
    assert front.kept.count(keys.preview_key(ID)) == 1
    assert (front.pauses.count(CANCEL_POLL_SECONDS), set(front.pauses) - {CANCEL_POLL_SECONDS}) == (
        pauses,
        {HEARTBEAT_SECONDS},
    )
