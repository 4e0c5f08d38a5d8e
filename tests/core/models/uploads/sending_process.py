"""A dashboard's work on uploads in a process of its own, to be killed; told on stdin what to do."""

import json
import sys
import time
from pathlib import Path
from unittest.mock import patch

from core.aws.client import Connection
from core.models.uploads.planning import plan
from core.settings import Settings
from core.studio.service import open_studio
from core.team.users import LOCAL

PART_BYTES = 5 << 20


def main() -> None:
    """Read the connection, the settings and perhaps a path, begin, and tell of each step."""
    told = json.loads(sys.stdin.readline())
    connection = Connection.model_validate(told["connection"])
    settings = Settings(**told["settings"])
    with patch.object(plan, "PART_BYTES", PART_BYTES), open_studio(settings, connection) as studio:
        _slow_down(studio.uploads._targets.multipart._s3, told.get("seconds", 0.0))
        if path := told.get("path"):
            studio.uploads.start_paths(LOCAL, [str(Path(path))], None)
        while True:
            for upload in studio.uploads.list(LOCAL):
                print(upload.model_dump_json(), flush=True)
            time.sleep(0.05)


def _slow_down(client: object, seconds: float) -> None:
    """Let each part take so long at least."""

    def wait(**_: object) -> None:
        time.sleep(seconds)

    if seconds:
        client.meta.events.register("before-call.s3.UploadPart", wait)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
