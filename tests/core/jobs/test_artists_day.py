"""An artist's day: 200 jobs, grids, inpaints, trash and undo, reloads, restarts of everything.

At its end every job has ended, every picture is its own request's, nothing is lost, and the
dashboard takes no more memory than in the morning.
"""

import hashlib
import io
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import psutil
import pytest
from PIL import Image
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from core.aws.client import Connection
from core.ids import new_id
from core.jobs.grids.axes import AxisField, AxisSpec
from core.jobs.grids.plan import GridSpec
from core.jobs.grids.scripts import GridScript, ScriptSpec
from core.jobs.preparing.draft import Draft, DraftInpaint
from core.jobs.records import Job, JobFilter, JobState
from core.jobs.store.interface import every_job
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from formats.generation.parameters import Mode
from formats.keys import output_key
from local_aws.launcher import launch
from tests.pages.steps import png
from tests.support.helpers import CONTAINER, ROOT, wait_for
from tests.support.models import verify_models
from ui.state import set_studio

pytestmark = pytest.mark.soak

CHECKPOINT: Final = "tiny-noise-v1.safetensors"
ENDPOINT: Final = "day"
ROUNDS: Final = 18
"""Of 11 jobs each."""
MAX_GROWTH: Final = 150 * 2**20
"""Bytes that the dashboard may take more than after the first rounds."""


class Day:
    """One dashboard on the embedded AWS; both can be restarted."""

    def __init__(self, folder: Path, models: Path) -> None:
        self._folder = folder
        self._open = ExitStack()
        self._settings = Settings(demo=False, data=folder / "data", bucket="day", poll_seconds=0.1)
        self._aws = self._launch()
        self.studio = self._dashboard()
        self.studio.uploads.start_paths(LOCAL, [str(models / CHECKPOINT)], None)
        self.studio.endpoints.create(LOCAL, ENDPOINT, "ml.m5.large", 1)
        wait_for(lambda: not any(u.active for u in self.studio.uploads.list(LOCAL)))
        verify_models(self.studio)
        self.wait_until_ready()

    def _launch(self) -> Connection:
        aws = self._open.enter_context(launch(self._folder / "aws", container_command=CONTAINER))
        secret = SecretStr(aws.secret_key)
        return Connection(
            url=aws.url, access_key=aws.access_key, secret_key=secret, region=aws.region
        )

    def _dashboard(self) -> Studio:
        studio = self._open.enter_context(open_studio(self._settings, self._aws))
        set_studio(studio)
        return studio

    def wait_until_ready(self) -> None:
        def is_ready() -> bool:
            found = self.studio.endpoints.look_up_now(ENDPOINT)
            return found is not None and found.accepts_jobs

        wait_for(is_ready, every=0.5)

    def restart(self) -> None:
        """End everything in the middle of its work, and begin again."""
        self.close()
        self._open = ExitStack()
        self._aws = self._launch()
        self.studio = self._dashboard()
        self.wait_until_ready()

    def close(self) -> None:
        """End the dashboard, and then what it stands on."""
        set_studio(None)
        self._open.close()

    def jobs(self, *, in_trash: bool = False) -> dict[str, Job]:
        """All jobs, or those in the trash, by their ids."""
        store = self.studio.jobs._store
        return {job.id: job for job in every_job(store, JobFilter(in_trash=in_trash))}

    def open_page(self, name: str) -> None:
        """A reload of a page in a browser session of its own."""
        app = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=120).run()
        if name != "generate":
            app.switch_page(f"../pages/{name}.py").run()
        assert not app.exception


@pytest.fixture
def day(tmp_path: Path, models: Path) -> Iterator[Day]:
    opened = Day(tmp_path, models)
    yield opened
    opened.close()


def draft(number: int, **changes: object) -> Draft:
    values: dict[str, object] = {
        "endpoint": ENDPOINT,
        "checkpoints": (CHECKPOINT,),
        "prompt": f"dog number {number}",
        "seed": number,
        "steps": 2,
        "width": 64,
        "height": 64,
    }
    return Draft.model_validate({**values, **changes})


def one_round(day: Day, number: int) -> set[str]:
    """Six images, an inpaint, a grid of four; two of them go to the trash and one comes back."""
    jobs = day.studio.jobs
    first = 100 * number
    made = [job.id for n in range(6) for job in jobs.submit(LOCAL, draft(first + n), new_id())]
    mask = io.BytesIO()
    Image.new("L", (64, 64), 255).save(mask, "PNG")
    inpaint = {
        "mode": Mode.INPAINT,
        "init_image": png(),
        "inpaint": DraftInpaint(mask=mask.getvalue()),
    }
    made += [job.id for job in jobs.submit(LOCAL, draft(first + 6, **inpaint), new_id())]
    axes = (
        AxisSpec(field=AxisField.SEED, values=f"{first + 10}, {first + 11}"),
        AxisSpec(field=AxisField.CFG_SCALE, values="3, 5"),
    )
    spec = ScriptSpec(script=GridScript.XYZ, grid=GridSpec(axes=axes))
    grid = day.studio.grids.submit(LOCAL, draft(first + 9), spec, new_id())
    made += [cell.job for cell in grid.cells]
    return set(made)


def ended(day: Day) -> dict[str, Job]:
    """All jobs that are in no trash, once none is open."""

    def found() -> dict[str, Job]:
        known = day.jobs()
        return {} if any(job.state.is_open for job in known.values()) else known

    return wait_for(found, 600, every=1)


def retry_the_lost(day: Day) -> dict[str, Job]:
    """What a restart broke off says so, and is made again, until all images are there."""
    for _ in range(5):
        known = ended(day)
        lost = [job for job in known.values() if job.state is JobState.FAILED]
        if not lost:
            return known
        for job in lost:
            assert job.failure, job
            day.studio.jobs.retry(LOCAL, job.id, new_id())
            day.studio.job_trash.delete(LOCAL, job.id)
    raise AssertionError([job.failure for job in lost])


def check_images(day: Day, jobs: dict[str, Job]) -> None:
    """Each image is its own request's, with the hash that its result names."""
    for job in jobs.values():
        detail = day.studio.jobs.detail(LOCAL, job.id)
        assert detail.request, job
        assert detail.result, job
        for image in detail.result.pictures:
            data = day.studio.storage.read(output_key(job.id, image.index)).data
            assert hashlib.sha256(data).hexdigest() == image.sha256
            told = Image.open(io.BytesIO(data)).info["parameters"]
            assert told == image.infotext
            assert told.startswith(f"{detail.request.prompt}\n")
            assert f"Seed: {detail.request.seed}," in told


def test_an_artists_day(day: Day) -> None:
    made, early = set[str](), 0
    trashed = set[str]()
    for number in range(ROUNDS):
        made |= (new := one_round(day, number))
        if number % 6 == 3:
            day.restart()
        day.open_page(("generate", "jobs")[number % 2])
        done = [job.id for job in day.jobs().values() if not job.state.is_open]
        if len(done) > 2:
            day.studio.bulk.trash(LOCAL, done[:2])
            day.studio.bulk.restore(LOCAL, done[:1])
            trashed.add(done[1])
        if number == ROUNDS // 3:
            early = psutil.Process().memory_info().rss
        assert new <= day.jobs().keys() | day.jobs(in_trash=True).keys()
    assert made == {*day.jobs(), *day.jobs(in_trash=True)}  # nothing is lost
    assert trashed == set(day.jobs(in_trash=True))
    jobs = retry_the_lost(day)
    assert {job.state for job in jobs.values()} == {JobState.SUCCEEDED}
    check_images(day, jobs)
    assert psutil.Process().memory_info().rss - early < MAX_GROWTH
