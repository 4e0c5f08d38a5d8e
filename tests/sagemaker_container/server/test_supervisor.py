"""Workers that hang, die and are replaced; the worker is a stub, and the tests set the clock."""

import asyncio
import multiprocessing
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

import pytest

from formats.generation.request import GenerationRequest
from formats.generation.result import GenerationResult, Outcome
from sagemaker_container.server.supervisor import (
    CRASH_WINDOW_SECONDS,
    GRACE_SECONDS,
    Supervisor,
    WorkerLost,
)
from sagemaker_container.server.worker_process import WorkerMain
from sagemaker_container.settings import ContainerSettings
from tests.sagemaker_container.server.stub_worker import main, main_never_ready

ID = "01M82KW0B1ZSQ5JRV5KNRGBS67"
SETTINGS = ContainerSettings(bucket="things", hang_seconds=60)
PATIENCE = 120
"""Real seconds after which a test fails; a process of Python takes long on a busy machine."""


class Clock:
    """Counts seconds when it is told to."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def request(prompt: str) -> GenerationRequest:
    return GenerationRequest(id=ID, checkpoint="x.safetensors", prompt=prompt, seed=1)


class Harness:
    def __init__(self, main: WorkerMain) -> None:
        self.clock = Clock()
        self.supervisor = Supervisor(SETTINGS, self.clock, main)

    async def run(self, prompt: str = "a dog") -> GenerationResult:
        return await asyncio.wait_for(self.supervisor.run_jobs([request(prompt)])[ID], PATIENCE)

    async def until(self, what: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not what():
                await asyncio.sleep(0.02)


@asynccontextmanager
async def harness_for(main: WorkerMain) -> AsyncIterator[Harness]:
    harness = Harness(main)
    await harness.supervisor.start()
    try:
        yield harness
    finally:
        await harness.supervisor.stop()


def run_scenario(
    scenario: Callable[[Harness], Coroutine[None, None, None]], worker_main: WorkerMain = main
) -> None:
    async def run() -> None:
        async with harness_for(worker_main) as harness:
            await scenario(harness)

    asyncio.run(run())


def test_ready_means_ready() -> None:
    async def scenario(harness: Harness) -> None:
        assert not harness.supervisor.is_healthy
        assert (await harness.run()).outcome is Outcome.SUCCEEDED
        assert harness.supervisor.is_healthy
        assert (harness.supervisor.progress(ID).step, harness.supervisor.progress(ID).steps) == (
            1,
            2,
        )

    run_scenario(scenario)


def test_a_long_rest_is_no_hang() -> None:
    async def scenario(harness: Harness) -> None:
        await harness.run()
        harness.clock.now += 3600
        assert (await harness.run("take a while")).outcome is Outcome.SUCCEEDED

    run_scenario(scenario)


def test_a_hung_worker_is_killed_and_replaced() -> None:
    async def scenario(harness: Harness) -> None:
        job = asyncio.create_task(harness.run("hang"))
        await harness.until(lambda: harness.supervisor.progress(ID).step == 1)
        for _ in range(500):  # more than its pipe holds
            harness.supervisor.prefetch(request("x" * 1000))
        harness.clock.now += SETTINGS.hang_seconds + 1
        with pytest.raises(WorkerLost, match=r"no sign of life for 60 s .* was replaced"):
            await job
        assert harness.supervisor.is_healthy  # within its grace
        assert (await harness.run()).outcome is Outcome.SUCCEEDED

    run_scenario(scenario)


def test_workers_that_keep_dying_turn_ping_off_for_a_while() -> None:
    async def scenario(harness: Harness) -> None:
        for healthy in (True, True, False):
            with pytest.raises(WorkerLost, match=r"ended \(7\)"):
                await harness.run("die")
            assert harness.supervisor.is_healthy is healthy
        await harness.run()
        assert not harness.supervisor.is_healthy
        harness.clock.now += CRASH_WINDOW_SECONDS
        assert harness.supervisor.is_healthy

    run_scenario(scenario)


def test_a_worker_that_does_not_come_back_turns_ping_off() -> None:
    async def scenario(harness: Harness) -> None:
        await harness.run()
        with pytest.raises(WorkerLost):
            await harness.run("die")
        harness.clock.now += GRACE_SECONDS
        assert not harness.supervisor.is_healthy

    run_scenario(scenario)


@pytest.mark.parametrize("step", [0, 1])
def test_cancel_reaches_the_worker_once_and_after_its_job(step: int) -> None:
    """Also one that came while the worker was starting."""

    async def scenario(harness: Harness) -> None:
        job = asyncio.create_task(harness.run("wait for cancel"))
        await asyncio.sleep(0)
        await harness.until(lambda: harness.supervisor.progress(ID).step == step)
        for _ in range(3):
            harness.supervisor.cancel(ID)
        assert (await job).outcome is Outcome.CANCELLED

    run_scenario(scenario)


def test_a_job_survives_a_worker_that_never_had_it(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(harness: Harness) -> None:
        harness.clock.now += GRACE_SECONDS + 1
        job = asyncio.create_task(harness.run())
        await harness.until(lambda: "event=worker_died" in caplog.text)
        assert not job.done()
        harness.clock.now += GRACE_SECONDS + 1
        with pytest.raises(WorkerLost, match="could not be started"):
            await job

    run_scenario(scenario, main_never_ready)


@pytest.mark.parametrize(("worker_main", "step"), [(main, 1), (main_never_ready, 0)])
def test_kill_ends_a_job_for_good(worker_main: WorkerMain, step: int) -> None:
    """Also one that waits for a worker, and one that comes too late."""

    async def scenario(harness: Harness) -> None:
        job = asyncio.create_task(harness.run("hang"))
        await asyncio.sleep(0)
        await harness.until(lambda: harness.supervisor.progress(ID).step == step)
        harness.supervisor.kill()
        with pytest.raises(WorkerLost):
            await job
        with pytest.raises(WorkerLost):
            await harness.run()
        await harness.until(lambda: not multiprocessing.active_children())
        assert not harness.supervisor.is_healthy

    run_scenario(scenario, worker_main)
