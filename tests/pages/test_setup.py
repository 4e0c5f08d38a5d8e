"""On AWS an account that is not set up shows what is missing, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.aws.client import Connection
from core.studio import Studio, open_studio
from tests.core import test_aws_backend
from tests.core.test_aws_backend import aws_settings
from tests.pages.steps import button
from tests.support.helpers import ROOT
from ui.state import set_studio

moto_account = test_aws_backend.moto_account


@pytest.fixture
def studio(moto_account: str, tmp_path: Path) -> Iterator[Studio]:
    with open_studio(aws_settings(tmp_path), Connection()) as opened:
        set_studio(opened)
        yield opened
        set_studio(None)


def shown(app: AppTest) -> str:
    return " ".join(str(text.value) for text in app.markdown).replace("\\", "")


def test_what_is_missing_is_created_only_when_told_to(studio: Studio) -> None:
    app = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=120).run()
    assert app.title[0].value == "Set-up"
    assert "S3 bucket my-team-bucket" in shown(app)
    assert shown(app).count("is missing") == 3
    app.switch_page("../pages/generate.py").run()
    assert app.title[0].value == "Set-up"
    assert not studio.storage.exists()
    app.switch_page("../pages/setup.py").run()
    button(app, "Create it").click().run()
    assert studio.storage.exists()
    for _ in ("jobs", "records"):  # the tables
        button(app, "Create it").click().run()
    assert [message.value for message in app.success] == ["Everything is in place."]
    app.switch_page("../pages/generate.py").run()
    assert not app.exception
    assert app.text_area(key="generate.prompt")
