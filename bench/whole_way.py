"""Measures what surrounds the drawing: start, rerun, click to job, click to result, to picture.

    .venv/bin/python -m bench.whole_way [--jobs 8]

Starts the studio as a user does (its own data folder), uploads the tiny models, and prints a
table. The container's own seconds come from each job's result, so that what is left is overhead.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from bench.page_way import CHECKPOINT, DRAWING, measure_page
from core.aws.client import Connection
from core.ids import new_id
from core.jobs.preparing.draft import Draft
from core.jobs.records import Job, JobState
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from local_aws.launcher import launch

T = TypeVar("T")
ROOT = Path(__file__).parents[1]


def main() -> None:
    """Run all measurements on one studio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=8)
    count = parser.parse_args().jobs
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        command = (str(ROOT / settings.container_python), "-m", "sagemaker_container", "serve")
        begun = time.monotonic()
        with launch(settings.data, container_command=command) as aws:
            connection = Connection(
                url=aws.url,
                access_key=aws.access_key,
                secret_key=SecretStr(aws.secret_key),
                region=aws.region,
            )
            with open_studio(settings, connection) as studio:
                show("embedded AWS and service layer ready", time.monotonic() - begun)
                prepare(studio, Path(folder))
                measure_jobs(studio, count)
                measure_rerun(studio)
    for what, seconds in measure_page(count):
        show(what, seconds)


def prepare(studio: Studio, folder: Path) -> None:
    """Upload a tiny checkpoint, start an endpoint, and draw once to load the model."""
    script = ROOT / "tests" / "support" / "tiny_models.py"
    subprocess.run([sys.executable, str(script), str(folder / "tiny")], check=True)
    begun = time.monotonic()
    studio.uploads.start_paths(LOCAL, [str(folder / "tiny" / CHECKPOINT)], None)
    until(lambda: not studio.uploads.list(LOCAL)[0].active)
    show("upload of 9 MB by path", time.monotonic() - begun)
    begun = time.monotonic()
    studio.endpoints.create(LOCAL, "bench", "ml.m5.large", 1)
    until(lambda: studio.endpoints.list(LOCAL, refresh=True)[0].accepts_jobs)
    show("endpoint Creating to InService", time.monotonic() - begun)
    run_job(studio)


def measure_jobs(studio: Studio, count: int) -> None:
    """Click to record, and click to succeeded less the drawing, one job after another."""
    seen, over = zip(*(run_job(studio) for _ in range(count)), strict=True)
    show("click to job in the list, median", statistics.median(seen))
    show("overhead of the whole way, median", statistics.median(over))
    show("overhead of the whole way, worst", max(over))


def run_job(studio: Studio) -> tuple[float, float]:
    """Seconds until the job was in the list, and those beyond the drawing until it succeeded."""
    draft = Draft(
        endpoint="bench",
        checkpoints=(CHECKPOINT,),
        prompt="a cute dog",
        width=128,
        height=128,
        steps=8,
    )
    begun = time.monotonic()
    (job,) = studio.jobs.submit(LOCAL, draft, new_id())
    seen = time.monotonic() - begun
    done = until(lambda: closed(studio, job.id), every=0.01)
    total = time.monotonic() - begun
    if done.state is not JobState.SUCCEEDED:
        raise SystemExit(f"job {job.id} {done.state}: {done.failure}")
    result = studio.jobs.detail(LOCAL, job.id).result
    drawn = sum(result.seconds.get(stage, 0) for stage in DRAWING) if result else 0
    return seen, total - drawn


def closed(studio: Studio, job_id: str) -> Job | None:
    """The job once it has ended."""
    job = studio.jobs.get(LOCAL, job_id)
    return None if job.state.is_open else job


def measure_rerun(studio: Studio) -> None:
    """Reruns of each page in the process, nothing changed between them."""
    from ui.state import set_studio  # noqa: PLC0415  # only this measurement needs pages

    set_studio(studio)
    for page in ("generate", "controlnet", "jobs", "models", "endpoints"):
        app = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=60).run()
        app.switch_page(f"../pages/{page}.py").run()
        times = []
        for _ in range(10):
            begun = time.monotonic()
            app.run()
            times.append(time.monotonic() - begun)
        show(f"rerun of {page}, median", statistics.median(times))


def until(what: Callable[[], T | None], every: float = 0.1) -> T:
    """Ask until the answer is true."""
    while not (found := what()):
        time.sleep(every)
    return found


def show(what: str, seconds: float) -> None:
    """One line of the table."""
    print(f"{what:48s} {seconds * 1000:9.0f} ms", flush=True)


if __name__ == "__main__":
    main()
