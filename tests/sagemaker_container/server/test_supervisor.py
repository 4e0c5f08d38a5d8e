"""Workers that hang, die and are replaced, with a stub for a worker and a clock that is set."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

import pytest

from formats.generation.request import GenerationRequest
from formats.generation.result import GenerationResult, Outcome
from sagemaker_container.server.supervisor import (
    DEATHS_WINDOW,
    GRACE_SECONDS,
    Supervisor,
    WorkerLost,
)
from sagemaker_container.server.worker_process import Run
from sagemaker_container.settings import Settings
from tests.sagemaker_container.server.stub_worker import run, run_never_ready

ID = "01M82KW0B1ZSQ5JRV5KNRGBS67"
SETTINGS = Settings(bucket="things", hang_seconds=60)
PATIENCE = 120
"""Real seconds after which a test fails; a process of Python takes long on a busy machine."""


class Clock:
    """Counts seconds when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def asked(prompt: str) -> GenerationRequest:
    return GenerationRequest(id=ID, checkpoint="x.safetensors", prompt=prompt, seed=1)


class Watched:
    def __init__(self, runs: Run) -> None:
        self.clock = Clock()
        self.supervisor = Supervisor(SETTINGS, self.clock, runs)

    async def draw(self, prompt: str = "a dog") -> GenerationResult:
        return await asyncio.wait_for(self.supervisor.draw([asked(prompt)])[ID], PATIENCE)

    async def until(self, what: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not what():
                await asyncio.sleep(0.02)


@asynccontextmanager
async def watched(runs: Run) -> AsyncIterator[Watched]:
    made = Watched(runs)
    await made.supervisor.start()
    try:
        yield made
    finally:
        await made.supervisor.stop()


def played(scene: Callable[[Watched], Coroutine[None, None, None]], runs: Run = run) -> None:
    async def play() -> None:
        async with watched(runs) as made:
            await scene(made)

    asyncio.run(play())


def test_ready_means_ready() -> None:
    async def scene(made: Watched) -> None:
        assert not made.supervisor.is_healthy
        assert (await made.draw()).outcome is Outcome.SUCCEEDED
        assert made.supervisor.is_healthy
        assert (made.supervisor.standing(ID).step, made.supervisor.standing(ID).steps) == (1, 2)

    played(scene)


def test_a_long_rest_is_no_hang() -> None:
    async def scene(made: Watched) -> None:
        await made.draw()
        made.clock.now += 3600
        assert (await made.draw("take a while")).outcome is Outcome.SUCCEEDED

    played(scene)


def test_a_hung_worker_is_killed_and_replaced() -> None:
    async def scene(made: Watched) -> None:
        job = asyncio.create_task(made.draw("hang"))
        await made.until(lambda: made.supervisor.standing(ID).step == 1)
        for _ in range(500):  # more than its pipe holds
            made.supervisor.prefetch(asked("x" * 1000))
        made.clock.now += SETTINGS.hang_seconds + 1
        with pytest.raises(WorkerLost, match=r"no sign of life for 60 s .* was replaced"):
            await job
        assert made.supervisor.is_healthy  # within its grace
        assert (await made.draw()).outcome is Outcome.SUCCEEDED

    played(scene)


def test_workers_that_keep_dying_turn_ping_off_for_a_while() -> None:
    async def scene(made: Watched) -> None:
        for healthy in (True, True, False):
            with pytest.raises(WorkerLost, match=r"ended \(7\)"):
                await made.draw("die")
            assert made.supervisor.is_healthy is healthy
        await made.draw()
        assert not made.supervisor.is_healthy
        made.clock.now += DEATHS_WINDOW
        assert made.supervisor.is_healthy

    played(scene)


def test_a_worker_that_does_not_come_back_turns_ping_off() -> None:
    async def scene(made: Watched) -> None:
        await made.draw()
        with pytest.raises(WorkerLost):
            await made.draw("die")
        made.clock.now += GRACE_SECONDS
        assert not made.supervisor.is_healthy

    played(scene)


@pytest.mark.parametrize("step", [0, 1])
def test_cancel_reaches_the_worker_once_and_after_its_job(step: int) -> None:
    """Also one that came while the worker was starting."""

    async def scene(made: Watched) -> None:
        job = asyncio.create_task(made.draw("wait for cancel"))
        await asyncio.sleep(0)
        await made.until(lambda: made.supervisor.standing(ID).step == step)
        for _ in range(3):
            made.supervisor.cancel(ID)
        assert (await job).outcome is Outcome.CANCELLED

    played(scene)


def test_a_job_survives_a_worker_that_never_had_it(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(made: Watched) -> None:
        made.clock.now += GRACE_SECONDS + 1
        job = asyncio.create_task(made.draw())
        await made.until(lambda: "event=worker_died" in caplog.text)
        assert not job.done()
        made.clock.now += GRACE_SECONDS + 1
        with pytest.raises(WorkerLost, match="could not be started"):
            await job

    played(scene, run_never_ready)


@pytest.mark.parametrize(("runs", "step"), [(run, 1), (run_never_ready, 0)])
def test_kill_ends_a_job_for_good(runs: Run, step: int) -> None:
    """Also one that waits for a worker, and one that comes too late."""

    async def scene(made: Watched) -> None:
        job = asyncio.create_task(made.draw("hang"))
        await asyncio.sleep(0)
        await made.until(lambda: made.supervisor.standing(ID).step == step)
        made.supervisor.kill()
        with pytest.raises(WorkerLost):
            await job
        with pytest.raises(WorkerLost):
            await made.draw()
        await made.until(lambda: not multiprocessing.active_children())
        assert not made.supervisor.is_healthy

    played(scene, runs)
