"""The dashboards that work on the data folder, each in a process of its own; two are killed."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from core.aws.client import Connection
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from formats.models.kinds import ModelKind
from local_aws.launcher import launch
from scripts.stored_data.forms import save_poses, type_controlnet, type_generate, type_paths
from scripts.stored_data.jobs import draft_of, finish_each_kind, first_run, submit
from tests.support.helpers import wait_for
from ui.state import set_studio

_UPLOAD: Final = ("big-embedding.pt", 65 << 20)
"""A file of zeros, bytes: it goes in two parts, of which the second, of 1 MiB, is there first."""


@contextmanager
def dashboard(data: Path) -> Iterator[Studio]:
    """A studio and its pages upon the embedded AWS that runs on the folder."""
    aws = launch(data)
    connection = Connection(
        url=aws.url,
        access_key=aws.access_key,
        secret_key=SecretStr(aws.secret_key),
        region=aws.region,
    )
    settings = Settings(data=data, demo=False, poll_seconds=0.1, request_ttl_seconds=60)
    with open_studio(settings, connection) as studio:
        set_studio(studio)
        yield studio


def work_whole(data: Path) -> None:
    """A job of each kind, poses, a contact sheet, and forms that nobody sends."""
    with dashboard(data) as studio:
        first_run(studio, data.parent / "models")
        finish_each_kind(studio)
        save_poses(studio)
        type_controlnet(studio)
        type_generate()
        type_paths()


def killed_after_a_click(data: Path) -> None:
    """The job is on the list and was not sent."""
    with dashboard(data) as studio:
        submit(studio, draft_of("a click"))
        os.kill(os.getpid(), signal.SIGKILL)


def killed_at_work(data: Path) -> None:
    """A job runs, another one waits, and a file is on its way."""
    file = data.parent / _UPLOAD[0]
    with file.open("wb") as empty:
        empty.truncate(_UPLOAD[1])
    with dashboard(data) as studio:
        job = submit(studio, draft_of("a storm", steps=150, batch_count=2))
        submit(studio, draft_of("a calm"))
        wait_for(lambda: studio.jobs.get(LOCAL, job.id).step, every=0.02)
        studio.uploads.start_paths(LOCAL, [str(file)], ModelKind.EMBEDDING)
        wait_for(lambda: studio.uploads.list(LOCAL)[0].parts_done, every=0.001)
        os.kill(os.getpid(), signal.SIGKILL)
