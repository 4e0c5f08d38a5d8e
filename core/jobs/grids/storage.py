"""Stores grids: a record of each, and in S3 one object with what all its cells ask for."""

from collections.abc import Callable, Sequence

from core.aws.storage import Storage
from core.errors import NotFound
from core.images.files import InputImage
from core.jobs.grids.records import GRIDS, Grid, GridRequests
from core.jobs.inputs.storing import store_images
from core.records.edit import delete_all, edit
from core.records.interface import RecordPage, RecordStore
from core.records.paging import every_record
from core.records.stored import read_stored
from core.texts.jobs import jobs as texts
from formats.keys import grid_key


class GridStorage:
    """Grids by owner and id. Each function raises AwsError."""

    def __init__(self, records: RecordStore, storage: Storage) -> None:
        self._records = records
        self._storage = storage

    def add(self, grid: Grid, requests: GridRequests, images: Sequence[InputImage]) -> None:
        """Keep a grid of which nothing was sent; where its record is, everything is."""
        store_images(self._storage, images)
        body = requests.model_dump_json().encode()
        self._storage.write(grid_key(grid.id), body, "application/json")
        self._records.add(GRIDS, grid.owner, grid.id, grid)

    def find(self, owner: str, grid_id: str) -> Grid:
        """One grid. Raises NotFound."""
        found = self._records.get(GRIDS, owner, grid_id)
        if found is None:
            raise NotFound(texts.GRID_IS_GONE)
        return found.value

    def requests(self, grid: Grid) -> GridRequests:
        """What its cells ask for. Raises NotFound where it can't be read."""
        key = grid_key(grid.id)
        content = self._storage.find(key)
        requests = read_stored(GridRequests, content.data, key) if content else None
        if requests is None or len(requests.requests) != len(grid.cells):
            raise NotFound(texts.REQUESTS_ARE_GONE)
        return requests

    def change(self, grid: Grid, change: Callable[[Grid], Grid]) -> Grid:
        """Store what `change` makes of it. Raises NotFound, Conflict."""
        changed = edit(
            self._records, GRIDS, grid.owner, grid.id, lambda kept: change(kept) if kept else None
        )
        if changed is None:
            raise NotFound(texts.GRID_IS_GONE)
        return changed

    def remove(self, grid: Grid) -> None:
        """Forget a grid; its jobs stay. Raises Conflict."""
        if found := self._records.get(GRIDS, grid.owner, grid.id):
            self._records.delete(found)
        self._storage.delete((grid_key(grid.id),))

    def page(self, owner: str, limit: int, cursor: str | None) -> RecordPage[Grid]:
        """An owner's grids, the newest first."""
        return self._records.page(GRIDS, owner, limit=limit, cursor=cursor)

    def count(self, owner: str) -> int:
        """How many somebody has."""
        return sum(1 for _ in every_record(self._records, GRIDS, owner))

    def hand_over(self, owner: str, to: str) -> None:
        """Give all of somebody's to another. Raises Conflict."""
        for record in every_record(self._records, GRIDS, owner):
            moved = record.value.model_copy(update={"owner": to})
            if self._records.get(GRIDS, to, record.id) is None:
                self._records.add(GRIDS, to, record.id, moved)
            self._records.delete(record)

    def remove_all(self, owner: str) -> None:
        """Forget all of somebody's. Raises Conflict."""
        for record in every_record(self._records, GRIDS, owner):
            self._storage.delete((grid_key(record.value.id),))
        delete_all(self._records, GRIDS, owner)
