"""What a user can do with grids: plan, submit, look at, go on with, cancel, retry, forget.

A grid is its owner's alone; each cell's job is shared as any other.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from core.errors import AwsError, Conflict, InvalidInput, NotFound
from core.ids import NewId, created_at
from core.images.grid_sheet import check_sheet
from core.jobs.grids.axes import AxisField, Poses
from core.jobs.grids.checks import prepare_cells
from core.jobs.grids.plan import GridPlan
from core.jobs.grids.records import Grid, GridCell, GridRequests, short_labels
from core.jobs.grids.scripts import GridScript, ScriptSpec, plan_script
from core.jobs.grids.sheet import compose_sheet, sheet_plan
from core.jobs.grids.storage import GridStorage
from core.jobs.grids.view import GridView
from core.jobs.preparing.draft import Draft
from core.jobs.preparing.preflight import Batch, Preflight
from core.jobs.preparing.requests import Prepared, RandomSeed
from core.jobs.preparing.submission import IdempotencyCache, Submission
from core.jobs.records import PROMPT_IN_LIST, Job
from core.jobs.service import Jobs
from core.jobs.store.authorized import AuthorizedJobs
from core.prompts.service import Expansion
from core.records.interface import RecordPage
from core.team.access import Access
from core.team.audit.entries import AuditEvent
from core.team.permissions import Action, Item, Kind
from core.team.users import User
from core.texts.jobs import jobs as texts
from formats.generation.request import GenerationRequest

_WORKERS: Final = 8


@dataclass(frozen=True)
class GridParts:
    """What the service works with."""

    storage: GridStorage
    authorized: AuthorizedJobs
    jobs: Jobs
    submission: Submission
    preflight: Preflight
    access: Access
    poses: Callable[[User], Poses]
    new_id: NewId
    random_seed: RandomSeed


class Grids:
    """The grids of everybody; each call passes the permission check with its user."""

    def __init__(self, parts: GridParts) -> None:
        self._parts = parts
        self._storage = parts.storage
        self._clicks = IdempotencyCache[Grid]()

    def plan(self, user: User, draft: Draft, spec: ScriptSpec) -> GridPlan:
        """The cells, without a look at the endpoint. Raises InvalidInput, and InvalidDraft for a
        dynamic prompt that can't be expanded; AwsError where its wildcards can't be read."""
        parts = self._parts

        def expand(draft: Draft, every: bool, count: int) -> tuple[Expansion, ...]:
            return parts.preflight.prompts.expansions(user, draft, every=every, count=count)

        return plan_script(draft, spec, parts.poses(user), parts.random_seed, expand)

    def submit(self, user: User, draft: Draft, spec: ScriptSpec, click: str) -> Grid:
        """Check every cell, keep the grid with all requests, then make and send its jobs.

        The same `click` again returns the same grid. Raises InvalidDraft, EndpointNotReady,
        QuotaExceeded or NotAllowed; then nothing is kept and nothing sent. What breaks later is
        the grid's `problem`, and `send_missing` goes on with it.
        """
        with self._parts.authorized.creating(user) as act:
            grid = self._clicks.once((user.name, click), lambda: self._begin(user, draft, spec))
            act.name(*(cell.job for cell in grid.cells))
        return grid

    def send_missing(self, user: User, grid_id: str) -> Grid:
        """Make the jobs that were not made, of the requests that were stored.

        Raises NotFound, Conflict where there are none, and what `submit` raises.
        """
        with self._parts.authorized.creating(user) as act:
            view = self.view(user, grid_id)
            if view.grid.is_sent:
                raise Conflict(texts.NOTHING_IS_MISSING)
            act.name(*view.missing)
            return self._send(user, view.grid, self._prepared(user, view, view.missing))

    def retry_failed(self, user: User, grid_id: str) -> Grid:
        """A new job for each cell whose job ended without an image, with the same request.

        Raises NotFound, Conflict where there are none, and what `submit` raises.
        """
        with self._parts.authorized.creating(user, AuditEvent.RETRY) as act:
            view = self.view(user, grid_id)
            if not view.failed:
                raise Conflict(texts.NOTHING_HAS_FAILED)
            ids = sorted(self._parts.new_id() for _ in view.failed)
            changed = self._with_jobs(view.grid, dict(zip(view.failed, ids, strict=True)))
            prepared = self._prepared(user, GridView(grid=changed, jobs={}), ids)
            self._storage.change(view.grid, lambda kept: _replaced(kept, view.grid, changed))
            act.name(*ids)
            try:
                return self._send(user, changed, prepared)
            except InvalidInput:
                self._storage.change(changed, lambda kept: _replaced(kept, changed, view.grid))
                raise

    def cancel_all(self, user: User, grid_id: str) -> int:
        """Stop all of its open jobs, the last first. Returns how many; one that ends meanwhile is
        none of them. Raises NotFound, NotAllowed, AwsError."""
        own = Item(kind=Kind.JOB, owner=user.name)
        with self._parts.access.acting(user, Action.CHANGE, own, grid_id, AuditEvent.CANCEL):
            jobs = [job.id for job in self.view(user, grid_id).open if not job.cancelling]

            def cancel(job_id: str) -> bool:
                with suppress(Conflict, NotFound):
                    self._parts.jobs.cancel(user, job_id)
                    return True
                return False

            with ThreadPoolExecutor(_WORKERS) as pool:
                return sum(pool.map(cancel, sorted(jobs, reverse=True)))

    def forget(self, user: User, grid_id: str) -> None:
        """Take a grid out of the list; its jobs and images stay. Raises NotFound, NotAllowed."""
        own = Item(kind=Kind.JOB, owner=user.name)
        with self._parts.access.acting(user, Action.CHANGE, own, grid_id, AuditEvent.DELETE):
            self._storage.remove(self._storage.find(user.name, grid_id))

    def view(self, user: User, grid_id: str, known: Sequence[Job] = ()) -> GridView:
        """One of the user's grids with its jobs; of `known` ones that are over nothing is asked.

        Raises NotFound.
        """
        grid = self._storage.find(user.name, grid_id)
        jobs = {job.id: job for job in known if not job.state.is_open}
        asked = [cell.job for cell in grid.cells if cell.job not in jobs]
        found = {job.id: job for job in self._parts.authorized.views(user, asked)}
        return GridView(grid=grid, jobs=jobs | found)

    def page(self, user: User, limit: int = 20, cursor: str | None = None) -> RecordPage[Grid]:
        """The user's grids, the newest first; one query."""
        self._parts.access.require(user, Action.LIST, Item(kind=Kind.JOB, owner=user.name))
        return self._storage.page(user.name, limit, cursor)

    def sheet(self, user: User, grid_id: str) -> bytes:
        """The sheet of the images that are there, in full size, a PNG. Raises NotFound,
        InvalidInput for one that is too large."""
        view = self.view(user, grid_id)
        size = _largest(self._storage.requests(view.grid).requests)
        made = [job.id for job in view.succeeded]
        return compose_sheet(
            view.grid, made, size, lambda job_id: self._parts.jobs.image(user, job_id, 0)
        )

    def _begin(self, user: User, draft: Draft, spec: ScriptSpec) -> Grid:
        plan = self.plan(user, draft, spec)
        fields = _fields(spec)
        # Ids that were made within one millisecond sort by chance; the line goes by them.
        ids = sorted(self._parts.new_id() for _ in plan.cells)
        prepared = prepare_cells(self._parts.preflight, user, plan, fields, ids)
        requests = tuple(each.requests[0] for each in prepared)
        grid = Grid(
            id=self._parts.new_id(),
            owner=user.name,
            script=spec.script,
            prompt=draft.prompt[:PROMPT_IN_LIST],
            axes=tuple(fields),
            labels=short_labels(plan),
            cells=tuple(
                GridCell(place=cell.place, job=job_id)
                for cell, job_id in zip(plan.cells, ids, strict=True)
            ),
            created_at=created_at(ids[0]),
        )
        check_sheet(sheet_plan(grid, *_largest(requests)))
        images = {image.sha256: image for each in prepared for image in each.images}
        asked = GridRequests(endpoint=draft.endpoint, requests=requests)
        self._storage.add(grid, asked, tuple(images.values()))
        try:
            return self._send(user, grid, prepared)
        except InvalidInput:
            self._storage.remove(grid)
            raise

    def _send(self, user: User, grid: Grid, prepared: Sequence[Prepared]) -> Grid:
        """Make the jobs of these requests. Raises QuotaExceeded before the first is made."""
        stored = [each.model_copy(update={"images": ()}) for each in prepared]
        problem = ""
        try:
            self._parts.submission.submit_prepared(user, stored)
        except (AwsError, Conflict) as error:
            problem = str(error)[:1000]
        changes = {"is_sent": not problem, "problem": problem}
        try:
            return self._storage.change(grid, lambda kept: kept.model_copy(update=changes))
        except (AwsError, Conflict) as error:  # the jobs are there: the page offers to go on
            return grid.model_copy(update={"problem": problem or str(error)[:1000]})

    def _prepared(self, user: User, view: GridView, ids: Sequence[str]) -> tuple[Prepared, ...]:
        """The stored requests of these jobs, checked anew; a job that is there keeps its place."""
        stored, batch = self._storage.requests(view.grid), Batch()
        wanted = set(ids)

        def again(request: GenerationRequest, job_id: str) -> Prepared:
            job = view.jobs.get(job_id)
            endpoint = job.endpoint if job else stored.endpoint
            return self._parts.preflight.run_again(
                user, request, endpoint, ids=lambda: job_id, batch=batch
            )

        cells = zip(stored.requests, view.grid.cells, strict=True)
        return tuple(again(request, cell.job) for request, cell in cells if cell.job in wanted)

    def _with_jobs(self, grid: Grid, jobs: dict[str, str]) -> Grid:
        """The grid with other jobs for some of its cells."""
        cells = (
            cell.model_copy(update={"job": jobs.get(cell.job, cell.job)}) for cell in grid.cells
        )
        return grid.model_copy(update={"cells": tuple(cells), "is_sent": False})


def _replaced(kept: Grid, before: Grid, after: Grid) -> Grid:
    """What is stored with the jobs of `after`. Raises Conflict where another click was faster."""
    if kept.cells != before.cells:
        raise Conflict(texts.CHANGED_MEANWHILE)
    return kept.model_copy(update={"cells": after.cells, "is_sent": after.is_sent})


def _fields(spec: ScriptSpec) -> tuple[AxisField, ...]:
    """The axes of an X/Y/Z plot; the prompts of the others are no axis."""
    is_xyz = spec.script is GridScript.XYZ
    return tuple(axis.field for axis in spec.grid.axes) if is_xyz else ()


def _largest(requests: Sequence[GenerationRequest]) -> tuple[int, int]:
    """Width and height that each of these images fits into."""
    sizes = [request.size for request in requests]
    return max(width for width, _ in sizes), max(height for _, height in sizes)
