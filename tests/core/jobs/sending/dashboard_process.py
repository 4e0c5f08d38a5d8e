"""A dashboard of a process's own that submits jobs, says which, and stays until it is killed.

    python -m tests.core.jobs.sending.dashboard_process CONNECTION DATA BUCKET ENDPOINT COUNT

CONNECTION is JSON: url, access_key, secret_key, region.
"""

import json
import sys
from pathlib import Path
from threading import Event

from core.aws.client import Connection
from core.ids import new_id
from core.jobs.preparing.draft import Draft
from core.settings import Settings
from core.studio.service import open_studio
from core.team.users import LOCAL


def main(connection: str, data: str, bucket: str, endpoint: str, count: str) -> None:
    """Submit so many jobs one after another, each with a line of output."""
    settings = Settings(data=Path(data), bucket=bucket, poll_seconds=0.2)
    with open_studio(settings, Connection(**json.loads(connection))) as studio:
        draft = Draft(
            endpoint=endpoint,
            checkpoints=("tiny-noise-v1.safetensors",),
            prompt="a dog",
            width=64,
            height=64,
            steps=2,
        )
        for _ in range(int(count)):
            print(studio.jobs.submit(LOCAL, draft, new_id())[0].id, flush=True)
        Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
