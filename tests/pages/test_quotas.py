"""Quotas as people see them: beside the button, in a refusal, and where an admin sets them."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from streamlit.testing.v1 import AppTest

from core.aws.client import Connection
from core.ids import new_id
from core.jobs.preparing.draft import Draft
from core.settings import Identity, Settings
from core.studio.service import Studio, open_studio
from core.team.quotas.service import Quota
from core.team.users import LOCAL, Role
from tests.pages.steps import button, errors
from tests.support.helpers import wait_for
from tests.support.page_fixtures import Open, connection, page
from ui.state import set_studio

__all__ = ["connection", "page"]

CHECKPOINT: Final = "tiny-noise-v1.safetensors"


@pytest.fixture(scope="module")
def studio(
    connection: Connection, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    """A team's studio, whose pages take everybody for `local`."""
    data = tmp_path_factory.mktemp("quotas")
    settings = Settings(
        demo=False,
        data=data,
        bucket="page-quotas",
        poll_seconds=0.1,
        identity=Identity.OIDC,
        upload_roots=str(models),
    )
    with open_studio(settings, connection) as opened:
        pages = settings.model_copy(update={"identity": Identity.NONE})
        set_studio(dataclasses.replace(opened, settings=pages))
        opened.uploads.start_paths(LOCAL, [str(models / CHECKPOINT)], None)
        opened.endpoints.create(LOCAL, "quotas", "ml.m5.large", 1)
        wait_for(lambda: not any(u.active for u in opened.uploads.list(LOCAL)))
        wait_for(lambda: opened.endpoints.list(LOCAL, refresh=True)[0].accepts_jobs)
        yield opened
        set_studio(None)


def limit(studio: Studio, **limits: float | None) -> None:
    studio.quotas.set_person_limits(LOCAL, LOCAL.name, {Quota(k): v for k, v in limits.items()})


def use(studio: Studio, images: int) -> None:
    draft = Draft(
        endpoint="quotas",
        checkpoints=(CHECKPOINT,),
        prompt="a dog",
        batch_count=images,
        width=64,
        height=64,
        steps=1,
    )
    studio.jobs.submit(LOCAL, draft, new_id())


def used(studio: Studio) -> int:
    return int(next(q.used for q in studio.quotas.left(LOCAL) if q.quota is Quota.IMAGES))


def captions(app: AppTest) -> str:
    return " ".join(str(found.value) for found in app.caption).replace("\\", "")


@pytest.mark.parametrize("name", ["generate", "controlnet"])
def test_what_is_left_stands_beside_the_button(page: Open, studio: Studio, name: str) -> None:
    use(studio, 3)
    count = used(studio)
    limit(studio)
    assert "left today" not in captions(page(name))
    limit(studio, images_per_day=2 * count + 1)
    assert "left today" not in captions(page(name))
    limit(studio, images_per_day=2 * count)
    assert f"{count} of {2 * count} images left today, new at 00:00" in captions(page(name))


def test_the_button_s_refusal_in_words(page: Open, studio: Studio) -> None:
    use(studio, 1)
    count = used(studio)
    limit(studio, images_per_day=count)
    app = page("generate")
    assert f":red[0 of {count} images left today" in captions(app)
    app.text_area(key="generate.prompt").set_value("a dog").run()
    button(app, "Generate on Cloud").click().run()
    assert f"Images a day: {count} of {count} used, this needs 1." in errors(app)
    assert "An admin of your team can give you more." in errors(app)
    assert used(studio) == count


def test_an_upload_is_refused_in_words(page: Open, studio: Studio, models: Path) -> None:
    limit(studio, model_bytes=0)
    app = page("models")
    app.text_area(key="models.paths").set_value(str(models / "tiny-vae.safetensors")).run()
    button(app, "Upload").click().run()
    assert "Model files: " in errors(app)
    assert "Delete a model file of yours." in errors(app)
    assert len(studio.uploads.list(LOCAL)) == 1


def test_an_endpoint_is_refused_in_words(page: Open, studio: Studio) -> None:
    limit(studio, endpoints=1)
    app = page("endpoints")
    button(app, "Create endpoint").click().run()
    assert "Endpoints: 1 of 1 used, this needs 1." in errors(app)
    assert len(studio.endpoints.list(LOCAL, refresh=True)) == 1


MY_QUOTAS: Final = """
from ui.team.quotas import my_quotas
my_quotas()
"""
QUOTA_PANEL: Final = """
from core.team.users import Role, User
from ui.team.quotas import quota_panel
quota_panel((User(name="idp.example/ada", title="ada@example.com", role=Role.ARTIST),))
"""


def opened(script: str) -> AppTest:
    app = AppTest.from_string(script, default_timeout=60).run()
    assert not app.exception
    return app


def test_one_s_own(studio: Studio) -> None:
    limit(studio, images_per_day=100, model_bytes=2 * 10**9)
    rows = opened(MY_QUOTAS).dataframe[0].value.to_dict("records")
    found = {row["Quota"]: row for row in rows}
    count = used(studio)
    images = found["Images a day"]
    assert (images["Used"], images["Limit"]) == (str(count), "100")
    assert images["Left"] == str(100 - count)
    assert images["New at"].endswith(" 00:00")
    assert found["Model files"]["Limit"] == "2.0 GB"
    assert found["Endpoints"] == {
        "Quota": "Endpoints",
        "Used": "1",
        "Limit": "no limit",
        "Left": "no limit",
        "New at": "",
    }


def test_without_an_identity_a_sentence(studio: Studio) -> None:
    quotas, studio.quotas._is_on = studio.quotas, False
    try:
        assert "nobody signs in here" in captions(opened(MY_QUOTAS))
        assert "nobody signs in here" in captions(opened(QUOTA_PANEL))
    finally:
        quotas._is_on = True


def test_an_admin_sets_the_limits_of_a_role(studio: Studio) -> None:
    app = opened(QUOTA_PANEL)
    app.number_input(key="quotas.role.artist.images_per_day").set_value(20).run()
    app.number_input(key="quotas.role.artist.model_bytes").set_value(1.5).run()
    app.number_input(key="quotas.role.artist.endpoints").set_value(None).run()
    app.button(key="quotas.role.artist.save").click().run()
    limits = studio.quotas.role_limits(LOCAL)[Role.ARTIST]
    assert (limits.images_per_day, limits.model_bytes, limits.endpoints, limits.open_jobs) == (
        20,
        1_500_000_000,
        None,
        50,
    )
    again = opened(QUOTA_PANEL)
    assert again.number_input(key="quotas.role.artist.model_bytes").value == 1.5


def test_an_admin_sets_single_limits_of_a_person(studio: Studio) -> None:
    app = opened(QUOTA_PANEL)
    app.selectbox(key="quotas.person").set_value("idp.example/ada").run()
    key = "quotas.person.idp.example/ada"
    app.number_input(key=f"{key}.images_per_day").set_value(7).run()
    app.checkbox(key=f"{key}.dollars_per_month.free").check().run()
    app.button(key=f"{key}.save").click().run()
    kept = studio.quotas.person_limits(LOCAL, "idp.example/ada")
    assert kept.overrides == {"images_per_day": 7, "dollars_per_month": None}
    rows = {row["Quota"]: row for row in app.dataframe[0].value.to_dict("records")}
    assert (rows["Images a day"]["Limit"], rows["Cost of jobs a month"]["Limit"]) == (
        "7",
        "no limit",
    )
    app.checkbox(key=f"{key}.dollars_per_month.free").uncheck().run()
    app.number_input(key=f"{key}.images_per_day").set_value(None).run()
    app.button(key=f"{key}.save").click().run()
    assert studio.quotas.person_limits(LOCAL, "idp.example/ada").overrides == {}


def test_an_admin_sees_what_was_used_today(studio: Studio) -> None:
    use(studio, 1)
    rows = opened(QUOTA_PANEL).dataframe[-1].value.to_dict("records")
    assert [row["Person"] for row in rows] == ["local"]
    assert rows[0]["Images"] == used(studio)
    assert rows[0]["Megapixel-steps"] == pytest.approx(used(studio) * 64 * 64 / 1e6)
