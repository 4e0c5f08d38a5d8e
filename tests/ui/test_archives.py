"""The route of an archive of jobs: for who was given its address, with what they may see."""

import io
from collections.abc import Iterator
from zipfile import ZipFile

import httpx
import pytest
from starlette.applications import Starlette

from core.ids import new_id
from core.studio.service import Studio
from core.team.users import LOCAL, User
from tests.core.team.services import keep_job, png
from tests.support.served import served
from ui.routes import archives


@pytest.fixture(scope="module")
def client(studio: Studio) -> Iterator[httpx.Client]:
    """The route behind a real server."""
    with served(Starlette(routes=list(archives.routes))) as opened:
        yield opened


def test_a_form_gets_the_jobs_it_names(client: httpx.Client, studio: Studio) -> None:
    jobs = [keep_job(studio, LOCAL.name) for _ in range(3)]
    ids = " ".join(job.id for job in (*jobs[:2], jobs[0]))
    answer = client.post(archives.archive_url(studio, LOCAL), data={archives.FIELD: ids})
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == 'attachment; filename="jobs.zip"'
    assert answer.headers["cache-control"] == "no-store"
    with ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        assert [name.split("_")[2] for name in names if name.endswith(".png")] == [
            job.id for job in jobs[:2]
        ]
        assert archive.read(names[0]) == png()


@pytest.mark.parametrize(
    ("user", "ids", "status"),
    [
        ("bob", "x", 403),
        (LOCAL.name, " ".join(new_id() for _ in range(1001)), 400),
        (LOCAL.name, "x " * 2**20, 413),
        (LOCAL.name, "../../etc/passwd ; \u2028", 200),
        (LOCAL.name, "", 200),
    ],
    ids=["another's address", "too many", "too long", "no ids", "none"],
)
def test_what_is_no_selection_is_refused_or_empty(
    client: httpx.Client, studio: Studio, user: str, ids: str, status: int
) -> None:
    address = archives.archive_url(studio, User(name=user))
    answer = client.post(address, data={archives.FIELD: ids})
    assert answer.status_code == status
    if status == 200:
        with ZipFile(io.BytesIO(answer.content)) as archive:
            assert set(archive.namelist()) <= {"jobs.csv", "left_out.txt"}


def test_an_address_alone_gives_nothing(client: httpx.Client, studio: Studio) -> None:
    assert client.get(archives.archive_url(studio, LOCAL)).status_code == 405
    assert client.post("/api/archives/1.x", data={archives.FIELD: "x"}).status_code == 403
