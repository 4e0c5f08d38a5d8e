"""A studio upon the local AWS whose endpoints answer at once, and its pages under AppTest."""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from core.aws.client import Connection
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from local_aws.launcher import launch
from tests.support.helpers import ROOT, wait_for
from tests.support.models import verify_models
from ui.state import set_studio

STUB = (sys.executable, str(ROOT / "tests" / "local_aws" / "stub_container.py"))
Open = Callable[..., AppTest]


@pytest.fixture(scope="session")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A local AWS with a container that starts within a second and draws nothing."""
    with launch(tmp_path_factory.mktemp("aws"), container_command=STUB) as aws:
        yield Connection(
            url=aws.url,
            access_key=aws.access_key,
            secret_key=SecretStr(aws.secret_key),
            region=aws.region,
        )


@pytest.fixture(scope="module")
def studio(
    request: pytest.FixtureRequest,
    connection: Connection,
    models: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Studio]:
    """Each test file has its own bucket, models and endpoint."""
    module = request.module.__name__.rpartition(".")[2]
    name = module.removeprefix("test_").replace("_", "-")
    settings = Settings(
        demo=False, data=tmp_path_factory.mktemp(name), bucket=f"pages-{name}", poll_seconds=0.1
    )
    with open_studio(settings, connection) as opened:
        set_studio(opened)
        files = (
            "noise-v1",
            "noise-v2",
            "control-openpose",
            "style-lora",
            "sdxl-lora",
            "vae",
            "upscaler",
            "embedding",
        )
        paths = [str(models / f"tiny-{file}.safetensors") for file in files]
        opened.uploads.start_paths(LOCAL, paths, None)
        opened.endpoints.create(LOCAL, name, "ml.m5.large", 1)
        wait_for(lambda: not any(u.active for u in opened.uploads.list(LOCAL)))
        verify_models(opened)
        wait_for(lambda: opened.endpoints.list(LOCAL, refresh=True)[-1].accepts_jobs)
        yield opened
        set_studio(None)


@pytest.fixture
def page(studio: Studio) -> Open:
    """Opens a page as a new browser session of somebody who has typed nothing yet does."""
    shutil.rmtree(studio.settings.data / "drafts", ignore_errors=True)

    def open_page(name: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=120)
        for key, value in query.items():
            app.query_params[key] = value
        app.run()
        if name != "generate":
            app.switch_page(f"../pages/{name}.py").run()
        assert not app.exception
        return app

    return open_page
