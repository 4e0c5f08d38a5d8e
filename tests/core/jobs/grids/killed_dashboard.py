"""A dashboard of a process's own that is killed when it has recorded so many cells of a grid.

    python -m tests.core.jobs.grids.killed_dashboard CONNECTION DATA BUCKET ENDPOINT COUNT

CONNECTION is JSON: url, access_key, secret_key, region.
"""

import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from core.aws.client import Connection
from core.ids import new_id
from core.jobs.grids.axes import AxisField, AxisSpec
from core.jobs.grids.plan import GridSpec
from core.jobs.grids.scripts import GridScript, ScriptSpec
from core.jobs.preparing.draft import Draft
from core.jobs.records import Job
from core.jobs.store.interface import JobStore
from core.settings import Settings
from core.studio.service import open_studio
from core.team.users import LOCAL

SEEDS = GridSpec(axes=(AxisSpec(field=AxisField.SEED, values="1-6"),))


class Killing:
    """A store that kills its process once it has taken so many jobs."""

    def __init__(self, store: JobStore, left: int) -> None:
        self._store, self._left = store, left

    def add(self, job: Job) -> bool:
        """Keep it."""
        added = self._store.add(job)
        self._left -= 1
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)
        return added

    def get_many(self, job_ids: Sequence[str]) -> tuple[Job, ...]:
        """Those that are there."""
        return self._store.get_many(job_ids)


def main(connection: str, data: str, bucket: str, endpoint: str, count: str) -> None:
    """Submit a grid of six, and be killed in the middle."""
    settings = Settings(data=Path(data), bucket=bucket, poll_seconds=0.2)
    with open_studio(settings, Connection(**json.loads(connection))) as studio:
        submission = studio.jobs._submission
        submission._store = cast("JobStore", Killing(submission._store, int(count)))
        draft = Draft(
            endpoint=endpoint,
            checkpoints=("tiny-noise-v1.safetensors",),
            prompt="a dog",
            width=64,
            height=64,
            steps=2,
        )
        studio.grids.submit(LOCAL, draft, ScriptSpec(script=GridScript.XYZ, grid=SEEDS), new_id())


if __name__ == "__main__":
    main(*sys.argv[1:])
