"""Grids upon the embedded AWS: one click, all cells or none, and what goes on after a break."""

import io
import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from PIL import Image

from core.aws.client import Connection
from core.errors import AwsUnreachable, Conflict, InvalidDraft, InvalidInput, NotFound
from core.ids import new_id
from core.jobs.grids.axes import AxisField, AxisSpec
from core.jobs.grids.plan import GridSpec
from core.jobs.grids.records import GRIDS, Grid
from core.jobs.grids.scripts import GridScript, ScriptSpec
from core.jobs.preparing.draft import Draft
from core.jobs.records import Job, JobFilter, JobState
from core.jobs.store.interface import JobStore
from core.studio.service import Studio
from core.team.users import LOCAL, Role, User
from formats.keys import GRIDS as GRID_PREFIX
from tests.pages.steps import finish
from tests.support.helpers import ROOT, wait_for
from tests.support.page_fixtures import connection, studio

__all__ = ["connection", "studio"]

CHECKPOINTS = "tiny-noise-v1.safetensors, tiny-noise-v2.safetensors"
OTHER = User(name="somebody else", role=Role.ARTIST)


def draft(**changes: Any) -> Draft:
    values: dict[str, Any] = {
        "endpoint": "service",
        "checkpoints": ("tiny-noise-v1.safetensors",),
        "prompt": "a red dog",
        "width": 64,
        "height": 64,
        "steps": 2,
        "seed": 5,
    }
    return Draft(**{**values, **changes})


def xyz(*axes: tuple[AxisField, str]) -> ScriptSpec:
    specs = tuple(AxisSpec(field=field, values=values) for field, values in axes)
    return ScriptSpec(script=GridScript.XYZ, grid=GridSpec(axes=specs))


SIX = xyz((AxisField.STEPS, "1-3"), (AxisField.CHECKPOINT, CHECKPOINTS))


def count(studio: Studio) -> int:
    return len(studio.jobs.page(LOCAL, JobFilter(), 1000).jobs)


def test_a_click_makes_a_job_for_each_cell_in_the_plan_s_order(studio: Studio) -> None:
    before, click = count(studio), new_id()
    grid = studio.grids.submit(LOCAL, draft(), SIX, click)
    assert studio.grids.submit(LOCAL, draft(), SIX, click) == grid
    assert count(studio) == before + 6
    assert (grid.axes, grid.size, grid.is_sent) == (("Steps", "Checkpoint name"), (3, 2), True)
    ids = [cell.job for cell in grid.cells]
    assert ids == sorted(ids)
    asked = [studio.jobs.get(LOCAL, job_id) for job_id in ids]
    assert [(job.checkpoint[11:13], job.steps) for job in asked] == [
        (name, steps) for name in ("v1", "v2") for steps in (1, 2, 3)
    ]
    assert studio.grids.page(LOCAL).records[0].value == grid


def test_the_sheet_has_an_image_for_each_job_that_has_one(studio: Studio) -> None:
    grid = studio.grids.submit(LOCAL, draft(), SIX, new_id())
    for job in studio.grids.view(LOCAL, grid.id).open[:-1]:
        finish(studio, job)
    view = studio.grids.view(LOCAL, grid.id)
    assert (len(view.succeeded), len(view.open), view.missing, view.failed) == (5, 1, (), ())
    with Image.open(io.BytesIO(studio.grids.sheet(LOCAL, grid.id))) as sheet:
        colours = sheet.convert("RGB").getcolors(1 << 24) or []
    teal = sum(number for number, colour in colours if colour == (0, 128, 128))
    assert teal == 5 * 64 * 64
    studio.grids.cancel_all(LOCAL, grid.id)


@pytest.mark.parametrize(
    ("spec", "field", "says"),
    [
        (xyz((AxisField.STEPS, "1, 0")), "Steps", "0: "),
        (xyz((AxisField.SAMPLER, "Euler a, Nobody")), "Sampler", "Nobody: "),
        (xyz((AxisField.CHECKPOINT, "tiny-noise-v1.safetensors, gone")), "Checkpoint name", "gone"),
        (xyz((AxisField.STEPS, "many")), "Steps", "many"),
        (xyz((AxisField.SEED, "1-20"), (AxisField.SIZE, "2048x2048")), "grid", "megapixels"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_one_wrong_cell_sends_none(studio: Studio, spec: ScriptSpec, field: str, says: str) -> None:
    before = count(studio), len(studio.storage.list(GRID_PREFIX))
    wide = draft(seed=1) if field != "grid" else draft(batch_count=1)
    with pytest.raises(InvalidInput, match=says) as refused:
        studio.grids.submit(LOCAL, wide, many(spec) if field == "grid" else spec, new_id())
    problems = refused.value.problems if isinstance(refused.value, InvalidDraft) else ()
    assert {refused.value.field, *(problem.field for problem in problems)} == {field}
    assert (count(studio), len(studio.storage.list(GRID_PREFIX))) == before


def many(spec: ScriptSpec) -> ScriptSpec:
    """With a third axis, so that the sheet has too many pixels."""
    steps = AxisSpec(field=AxisField.STEPS, values="1-3")
    return spec.model_copy(update={"grid": GridSpec(axes=(*spec.grid.axes, steps))})


def test_cells_that_fail_or_are_cancelled_are_made_again(studio: Studio) -> None:
    grid = studio.grids.submit(LOCAL, draft(), SIX, new_id())
    done = studio.jobs.get(LOCAL, grid.cells[2].job)
    finish(studio, done)
    assert studio.grids.cancel_all(LOCAL, grid.id) == 5
    wait_for(lambda: not studio.grids.view(LOCAL, grid.id).open)
    again = studio.grids.retry_failed(LOCAL, grid.id)
    assert [cell.place for cell in again.cells] == [cell.place for cell in grid.cells]
    kept = {cell.job for cell in again.cells} & {cell.job for cell in grid.cells}
    assert kept == {done.id}
    view = studio.grids.view(LOCAL, grid.id)
    assert (len(view.open), view.failed) == (5, ())
    steps = {cell.place[0] + 1: view.jobs[cell.job].steps for cell in again.cells}
    assert steps == {1: 1, 2: 2, 3: 3}
    with pytest.raises(Conflict, match="without an image"):
        studio.grids.retry_failed(LOCAL, grid.id)
    studio.grids.cancel_all(LOCAL, grid.id)


def test_a_grid_is_its_owner_s(studio: Studio) -> None:
    grid = studio.grids.submit(LOCAL, draft(), SIX, new_id())
    for act in (studio.grids.view, studio.grids.sheet, studio.grids.retry_failed):
        with pytest.raises(NotFound, match="gone"):
            act(OTHER, grid.id)
    for change in (studio.grids.cancel_all, studio.grids.forget, studio.grids.send_missing):
        with pytest.raises(NotFound, match="gone"):
            change(OTHER, grid.id)
    assert studio.grids.page(OTHER).records == ()
    studio.grids.cancel_all(LOCAL, grid.id)
    before = count(studio)
    studio.grids.forget(LOCAL, grid.id)
    with pytest.raises(NotFound, match="gone"):
        studio.grids.view(LOCAL, grid.id)
    assert count(studio) == before


def test_what_aws_breaks_off_is_gone_on_with(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = studio._workers.page_store
    with monkeypatch.context() as patched:
        patched.setattr(studio.jobs._submission, "_store", Breaking(store, 4))
        grid = studio.grids.submit(LOCAL, draft(), SIX, new_id())
    assert (grid.is_sent, grid.problem) == (False, "The table does not answer.")
    view = studio.grids.view(LOCAL, grid.id)
    assert len(view.jobs) == 4
    assert {cell.job for cell in grid.cells[4:]} <= set(view.missing)
    assert studio.grids.send_missing(LOCAL, grid.id).is_sent
    view = studio.grids.view(LOCAL, grid.id)
    assert (len(view.jobs), view.missing, view.grid.problem) == (6, (), "")
    with pytest.raises(Conflict):
        studio.grids.send_missing(LOCAL, grid.id)
    studio.grids.cancel_all(LOCAL, grid.id)


class Breaking:
    """A store that takes so many jobs."""

    def __init__(self, store: JobStore, left: int) -> None:
        self._store, self._left = store, left

    def add(self, job: Job) -> bool:
        if not self._left:
            raise AwsUnreachable("The table does not answer.")
        self._left -= 1
        return self._store.add(job)

    def get_many(self, job_ids: Sequence[str]) -> tuple[Job, ...]:
        return self._store.get_many(job_ids)


def test_a_dashboard_that_is_killed_leaves_what_another_sends(
    studio: Studio, connection: Connection
) -> None:
    assert connection.secret_key
    where = {
        "url": connection.url,
        "access_key": connection.access_key,
        "secret_key": connection.secret_key.get_secret_value(),
        "region": connection.region,
    }
    arguments = (json.dumps(where), str(studio.settings.data), studio.settings.bucket, "service")
    ended = subprocess.run(
        [sys.executable, "-m", "tests.core.jobs.grids.killed_dashboard", *arguments, "4"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == -9, ended.stderr
    (grid,) = unsent(studio)
    assert len(grid.cells) == 6
    view = studio.grids.view(LOCAL, grid.id)
    assert len(view.jobs) == 4
    assert {cell.job for cell in grid.cells[4:]} <= set(view.missing)
    studio.grids.send_missing(LOCAL, grid.id)
    for cell in grid.cells:
        finish(studio, studio.jobs.get(LOCAL, cell.job))
    view = studio.grids.view(LOCAL, grid.id)
    assert {view.jobs[cell.job].state for cell in grid.cells} == {JobState.SUCCEEDED}
    assert unsent(studio) == []


def unsent(studio: Studio) -> list[Grid]:
    records = studio.records.page(GRIDS, LOCAL.name, limit=100).records
    return [record.value for record in records if not record.value.is_sent]
