"""The pages as each role sees them: what is on offer, whose jobs, and what is locked."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from streamlit.testing.v1 import AppTest

import ui.state
from core.aws.client import Connection
from core.errors import NotFound
from core.ids import new_id
from core.jobs.preparing.draft import Draft
from core.jobs.records import Job, JobScope
from core.settings import Identity, Settings
from core.studio.service import Studio, open_studio
from core.team.people import SignIn
from core.team.permissions import Visibility
from core.team.policy import TeamPolicy
from core.team.users import Role, User
from poses.preset_poses import default_pose
from tests.core.team.services import keep_job
from tests.pages.steps import button
from tests.support.helpers import ROOT, wait_for
from ui.auth.visitor import Visitor

ANN: Final = User(name="idp/ann", role=Role.ARTIST, title="ann@example.com")
BOB: Final = User(name="idp/bob", role=Role.ARTIST, title="bob@example.com")
BY_ROLE: Final = {role: User(name=f"idp/{role}", role=role, title=f"{role}@x") for role in Role}
ADMIN: Final = BY_ROLE[Role.ADMIN]
CHECKPOINT: Final = "tiny-noise-v1.safetensors"

OpenAs = Callable[..., AppTest]


@pytest.fixture(scope="module")
def studio(
    connection: Connection, models: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    """A team's, with a model and an endpoint of an admin."""
    settings = Settings(
        demo=False,
        identity=Identity.OIDC,
        data=tmp_path_factory.mktemp("roles"),
        bucket="pages-roles",
        upload_roots=str(models),
        poll_seconds=0.1,
    )
    with open_studio(settings, connection) as opened:
        ui.state.set_studio(opened)
        for who in (ANN, BOB, *BY_ROLE.values()):
            opened.people.enter(SignIn(name=who.name, title=who.title))
        opened.uploads.start_paths(ADMIN, [str(models / "tiny-noise-v1.safetensors")], None)
        opened.endpoints.create(ADMIN, "roles", "ml.m5.large", 1)
        wait_for(lambda: not any(u.active for u in opened.uploads.list(ADMIN)))
        wait_for(lambda: opened.endpoints.list(ADMIN, refresh=True)[-1].accepts_jobs)
        yield opened
        ui.state.set_studio(None)


@pytest.fixture
def page_as(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> OpenAs:
    """Opens a page in a new session of somebody who signed in."""

    def open_page(who: User, name: str, **query: str) -> AppTest:
        monkeypatch.setattr(ui.state, "visitor_of_session", lambda *_: Visitor(who))
        app = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=120)
        for key, value in query.items():
            app.query_params[key] = value
        app.run()
        if name != "generate":
            app.switch_page(f"../pages/{name}.py").run()
        assert not app.exception
        return app

    return open_page


def submit(studio: Studio, who: User, prompt: str) -> Job:
    draft = Draft(
        endpoint="roles", checkpoints=(CHECKPOINT,), prompt=prompt, width=64, height=64, steps=2
    )
    return studio.jobs.submit(who, draft, new_id())[0]


def rows(app: AppTest) -> list[dict[str, Any]]:
    for found in app.get("bidi_component"):
        if found.proto.component_name.endswith("job_list"):
            return list(json.loads(found.proto.json)["rows"])
    return []


def everything(app: AppTest) -> str:
    """All that was sent to the browser."""

    def sent(node: Any) -> Iterator[str]:
        yield str(getattr(node, "proto", ""))
        for child in getattr(node, "children", {}).values():
            yield from sent(child)

    return "\n".join(sent(app._tree))


def labels(app: AppTest) -> set[str]:
    return {found.label for found in app.button}


@pytest.mark.parametrize("role", Role)
def test_only_who_may_generate_gets_the_button(page_as: OpenAs, role: Role) -> None:
    for name in ("generate", "controlnet"):
        app = page_as(BY_ROLE[role], name)
        is_viewer = role is Role.VIEWER
        assert button(app, "Generate on Cloud").disabled is is_viewer
        said = " ".join(str(caption.value) for caption in app.caption)
        assert ("Your role is viewer" in said) is is_viewer


@pytest.mark.parametrize("role", Role)
def test_only_operators_get_what_changes_endpoints(page_as: OpenAs, role: Role) -> None:
    app = page_as(BY_ROLE[role], "endpoints")
    offered = {"Create endpoint", "Delete", "Update", "Scaling"} & labels(app)
    assert bool(offered) is role.is_at_least(Role.OPERATOR), labels(app)
    said = " ".join(str(caption.value) for caption in app.caption)
    assert ("Operators of your team create" in said) is not role.is_at_least(Role.OPERATOR)


@pytest.mark.parametrize("role", Role)
def test_only_artists_upload_models(page_as: OpenAs, role: Role) -> None:
    app = page_as(BY_ROLE[role], "models")
    assert ("Upload" in labels(app)) is role.is_at_least(Role.ARTIST)


def test_each_scope_shows_what_it_says(page_as: OpenAs, studio: Studio) -> None:
    private, team, shared = (submit(studio, ANN, f"words {n}") for n in range(3))
    studio.jobs.share(ANN, team.id, Visibility.TEAM)
    studio.jobs.share(ANN, shared.id, Visibility.PRIVATE, (BOB.name,))
    app = page_as(BOB, "jobs")
    picker = app.segmented_control(key="jobs.scope")
    assert picker.options == ["Mine", "Team", "Shared with me"]
    assert rows(app) == []
    for scope, seen in ((JobScope.TEAM, team), (JobScope.SHARED, shared)):
        app.segmented_control(key="jobs.scope").set_value(scope).run()
        assert seen.id in {row["id"] for row in rows(app)}
        assert {row["mark"] for row in rows(app)} == {"ann@example.com"}
        assert private.id not in everything(app)
        assert "words 0" not in everything(app)
    marks = {row["id"]: row["mark"] for row in rows(page_as(ANN, "jobs"))}
    assert [marks[job.id] for job in (private, team, shared)] == [
        "private",
        "team",
        "shared with 1",
    ]


def test_an_operator_sees_a_lock_and_may_cancel(page_as: OpenAs, studio: Studio) -> None:
    job = submit(studio, ANN, "a secret of ann")
    operator = BY_ROLE[Role.OPERATOR]
    app = page_as(operator, "jobs", job=job.id)
    app.segmented_control(key="jobs.scope").set_value(JobScope.EVERYBODY).run()
    row = next(row for row in rows(app) if row["id"] == job.id)
    assert (row["prompt"], row["locked"]) == ("private job of ann@example.com", True)
    assert "keeps the prompt and pictures" in " ".join(str(info.value) for info in app.info)
    assert "secret" not in everything(app)
    assert not {"Reuse parameters", "Retry", "Share", "Delete", "Container log"} & labels(app)
    if studio.jobs.get(ANN, job.id).state.is_open:
        assert "Cancel" in labels(app)


def test_an_address_of_anothers_private_job_says_what_an_unknown_one_says(
    page_as: OpenAs, studio: Studio
) -> None:
    job = submit(studio, ANN, "a secret of ann")
    said = []
    for job_id in (job.id, new_id()):
        app = page_as(BOB, "jobs", job=job_id)
        said.append([str(warning.value) for warning in app.warning])
        assert "secret" not in everything(app)
    assert said[0] == said[1]
    assert said[0]


def test_a_job_that_is_shared_no_more_is_gone_from_an_open_page(
    page_as: OpenAs, studio: Studio
) -> None:
    job = submit(studio, ANN, "shown for a while")
    studio.jobs.share(ANN, job.id, Visibility.PRIVATE, (BOB.name,))
    app = page_as(BOB, "jobs", job=job.id)
    assert "shown for a while" in everything(app)
    studio.jobs.share(ANN, job.id, Visibility.PRIVATE)
    app.run()
    assert "shown for a while" not in everything(app)


def test_the_owner_shares_in_a_dialog(page_as: OpenAs, studio: Studio) -> None:
    job = submit(studio, ANN, "to be shared")
    app = page_as(ANN, "jobs", job=job.id)
    button(app, "Share").click().run()
    app.multiselect(key="share.people").set_value([BOB.name])
    button(app, "Save").click().run()
    assert not app.exception
    assert studio.jobs.get(BOB, job.id).shared_with == (BOB.name,)
    assert studio.jobs.get(BOB, job.id).visibility is Visibility.PRIVATE


def test_a_session_that_another_person_takes_over_begins_anew(
    page_as: OpenAs, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a tab that was left open connects again after somebody else signed in."""
    submit(studio, ANN, "a secret of ann")
    app = page_as(ANN, "generate")
    app.text_area(key="generate.prompt").set_value("typed by ann").run()
    monkeypatch.setattr(ui.state, "visitor_of_session", lambda *_: Visitor(BOB))
    app.run()
    assert not app.exception
    assert app.text_area(key="generate.prompt").value == ""
    assert "typed by ann" not in everything(app)
    assert "secret" not in everything(app)
    assert page_as(ANN, "generate").text_area(key="generate.prompt").value == "typed by ann"


def gallery(app: AppTest) -> list[str]:
    """The poses that the library shows, by name."""
    shown = {one.proto.component_name: one.proto.json for one in app.get("bidi_component")}
    found = [text for name, text in shown.items() if name.endswith("gallery")]
    return [item["name"] for item in json.loads(found[0])["items"]] if found else []


def test_the_pose_library_shows_what_its_reader_may_see(page_as: OpenAs, studio: Studio) -> None:
    studio.poses.save(ANN, "Hidden", ("veiled",), default_pose(), Visibility.PRIVATE)
    open_pose = studio.poses.save(ANN, "Open", (), default_pose())
    for who, seen in ((ANN, ["Open", "Hidden"]), (BOB, ["Open"]), (ADMIN, ["Open"])):
        app = page_as(who, "controlnet")
        app.session_state["library.shelf"] = "Team"
        app.session_state["library.chosen"] = open_pose.id
        button(app, "Pose library").click().run()
        assert gallery(app) == seen
        assert ("veiled" in everything(app)) is (who is ANN)
        assert ("library.share.save" in {one.key for one in app.button}) is (who is ANN)
        offered = {"Duplicate", "Delete"} & labels(app)
        assert offered == ({"Duplicate"} if who is BOB else {"Duplicate", "Delete"})


def test_the_owner_makes_a_public_link_where_the_policy_allows_it(
    page_as: OpenAs, studio: Studio
) -> None:
    job = keep_job(studio, ANN.name)
    app = page_as(ANN, "jobs", job=job.id)
    button(app, "Share").click().run()
    assert "public_link.make" not in {each.key for each in app.button}
    studio.policy.change(ADMIN, studio.policy.of(), TeamPolicy(public_links=True))
    app = page_as(ANN, "jobs", job=job.id)
    button(app, "Share").click().run()
    app.number_input(key="public_link.days").set_value(3)
    button(app, "Make a public link").click().run()
    (link,) = studio.public_links.of_job(ANN, job.id)
    assert (link.expires_at - link.created_at).days == 3
    token = str(app.session_state["public_link.new"])
    assert studio.public_links.open(token).job.id == job.id
    button(app, "Share").click().run()
    assert token not in {each.value for each in app.code}
    button(app, "Revoke").click().run()
    assert studio.public_links.of_job(ANN, job.id) == ()
    with pytest.raises(NotFound):
        studio.public_links.open(token)


def test_who_gets_a_link_is_let_in_by_one_step(page_as: OpenAs, studio: Studio) -> None:
    job = keep_job(studio, ANN.name)
    app = page_as(ANN, "jobs", job=job.id)
    assert "Only you can open this link." in {each.value for each in app.caption}
    button(app, "Let my team see it").click().run()
    assert studio.jobs.get(BOB, job.id).visibility is Visibility.TEAM
    assert "Only you can open this link." not in {each.value for each in app.caption}


def test_the_owner_shares_a_pose_in_the_library(page_as: OpenAs, studio: Studio) -> None:
    pose = studio.poses.save(ANN, "Mine", (), default_pose(), Visibility.PRIVATE)
    app = page_as(ANN, "controlnet")
    app.session_state["library.shelf"] = "Team"
    app.session_state["library.chosen"] = pose.id
    button(app, "Pose library").click().run()
    app.multiselect(key="share.people").set_value([BOB.name])
    app.button(key="library.share.save").click().run()
    assert studio.poses.get(BOB, pose.id).shared_with == (BOB.name,)
