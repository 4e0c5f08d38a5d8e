"""What a page view asks of AWS: counted, and the same with many jobs and models as with few."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import streamlit as st
from ulid import ULID

from core.aws.client import Connection
from core.jobs.records import Job, JobState
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from formats.generation.parameters import Mode
from formats.keys import model_key
from formats.models.kinds import ModelKind
from tests.support.page_fixtures import Open
from ui.state import set_studio

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PAGES = ("generate", "controlnet", "jobs", "models", "endpoints")
MODELS = 20
MOST = 6
"""Calls of one view, at most."""


@pytest.fixture(scope="module")
def studio(connection: Connection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio whose clock stands still, so that nothing is asked again because it grew old."""
    settings = Settings(demo=False, data=tmp_path_factory.mktemp("calls"), bucket="pages-calls")
    with open_studio(settings, connection, lambda: NOW) as opened:
        set_studio(opened)
        yield opened
        set_studio(None)


def fill(studio: Studio, numbers: range) -> None:
    """Jobs that are over, each older than the one before, and model files."""
    for number in numbers:
        at = NOW - timedelta(minutes=number)
        studio._workers.store.add(
            Job(
                id=str(ULID.from_datetime(at)),
                owner=LOCAL.name,
                endpoint="none",
                created_at=at,
                updated_at=at,
                mode=Mode.TXT2IMG,
                checkpoint="a.safetensors",
                prompt="a dog",
                state=JobState.SUCCEEDED,
                made=1,
            )
        )
        if number < MODELS:
            key = model_key(ModelKind.LORA, f"{number}.safetensors")
            studio.storage.write(key, b"x", "application/octet-stream")
    studio.models.list(LOCAL, refresh=True)


def views(studio: Studio, page: Open, asked: list[str]) -> dict[str, Counter[str]]:
    """The calls of each page where nothing is remembered but what the model files' headers say."""
    found = {}
    app = page("generate")
    for name in PAGES:
        st.cache_data.clear()
        studio.endpoints._listing.expire()
        studio.models.invalidate()
        asked.clear()
        app.switch_page(f"../pages/{name}.py").run()
        found[name] = Counter(asked)
    return found


def test_the_calls_of_a_view_do_not_grow(studio: Studio, page: Open) -> None:
    asked: list[str] = []
    for client in (studio.storage._s3, studio.endpoints._reader):
        client.meta.events.register("before-call", lambda model, **_: asked.append(model.name))
    fill(studio, range(2))
    studio.endpoints.list(LOCAL)  # whose each endpoint is, is asked once
    few = views(studio, page, asked)
    fill(studio, range(2, 70))
    many = views(studio, page, asked)
    assert many == few
    assert max(calls.total() for calls in few.values()) <= MOST
