"""The page Team: one's own account for everybody, and the team for admins."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.aws.client import Connection
from core.settings import Identity, Settings
from core.studio.service import Studio, open_studio
from core.team.api_keys import Scope
from core.team.people import SignIn
from core.team.permissions import Visibility
from core.team.policy import TeamPolicy
from core.team.users import LOCAL, Role, User
from formats.openpose.skeleton import Person, Point, Skeleton
from tests.pages.steps import button, errors
from tests.support.helpers import ROOT
from tests.support.page_fixtures import connection
from ui.auth import oidc
from ui.auth.claims import Login
from ui.state import set_studio

__all__ = ["connection"]

ROOT_ADMIN = User(name="idp.example/root", role=Role.ADMIN, title="root@example.com")
ANN = User(name="idp.example/ann", role=Role.ARTIST, title="ann@example.com")
POSE = Skeleton(
    width=64, height=64, people=(Person(body=tuple(Point(x=3 * i, y=3 * i) for i in range(18))),)
)
Open = Callable[..., AppTest]


@pytest.fixture(scope="module")
def studio(connection: Connection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    settings = Settings(
        demo=False,
        data=tmp_path_factory.mktemp("team"),
        bucket="pages-team",
        identity=Identity.OIDC,
        admins="root@example.com",
    )
    with open_studio(settings, connection) as opened:
        opened._periodic.moves.close()
        set_studio(opened)
        for each in (ROOT_ADMIN, ANN):
            opened.people.enter(SignIn(name=each.name, title=each.title))
        yield opened
        set_studio(None)


@pytest.fixture
def page(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens the page as somebody whose claims the provider has vouched for."""

    def open_page(who: User, section: str = "") -> AppTest:
        login = Login(SignIn(name=who.name, title=who.title))
        monkeypatch.setattr(oidc, "login_of_session", lambda *_: login)
        app = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=120)
        app.run()
        app.switch_page("../pages/team.py").run()
        if section:
            app.session_state["team.section"] = section
            app.run()
        assert not app.exception
        return app

    return open_page


def texts(app: AppTest) -> str:
    shown = (*app.markdown, *app.caption, *app.info, *app.warning, *app.subheader)
    return " ".join(str(each.value) for each in shown).replace("\\", "").replace("\u2060", "")


@pytest.mark.parametrize("role", Role)
def test_everybody_sees_their_account_and_admins_the_team(
    studio: Studio, page: Open, role: Role
) -> None:
    eve = User(name=f"idp.example/{role}", title=f"{role}@example.com")
    studio.people.enter(SignIn(name=eve.name, title=eve.title))
    studio.administration.give_role(ROOT_ADMIN, eve.name, role)
    app = page(eve)
    is_admin = role is Role.ADMIN
    assert [each.value for each in app.title] == ["Team" if is_admin else "My account"]
    if is_admin:
        app = page(eve, "My account")
    assert "Signed in as" in texts(app)
    assert role.value in texts(app)
    assert "My API keys" in texts(app)
    assert any(each.label == "Make a key" for each in app.button) is (role is not Role.VIEWER)
    studio.administration.give_role(ROOT_ADMIN, eve.name, Role.VIEWER)


def test_the_page_is_there_only_with_an_identity(
    connection: Connection, tmp_path: Path, studio: Studio
) -> None:
    settings = Settings(demo=False, data=tmp_path, bucket="pages-team-none")
    with open_studio(settings, connection) as local:
        set_studio(local)
        app = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=120)
        app.run()
        with pytest.raises(ValueError, match="team"):
            app.switch_page("../pages/team.py").run()
    set_studio(studio)


def test_the_list_names_people_roles_and_states(studio: Studio, page: Open) -> None:
    studio.administration.set_disabled(ROOT_ADMIN, ANN.name, disabled=True)
    app = page(ROOT_ADMIN)
    rows = {row["Person"]: row for row in app.dataframe[0].value.to_dict("records")}
    assert rows[ROOT_ADMIN.title]["Role"] == "admin, by the settings"
    assert (rows[ANN.title]["Role"], rows[ANN.title]["State"]) == ("artist", "disabled")
    assert rows[ANN.title]["Jobs this month"] == 0
    app.text_input(key="team.filter").set_value("ANN@").run()
    assert list(app.dataframe[0].value["Person"]) == [ANN.title]
    app.text_input(key="team.filter").set_value("nobody at all").run()
    assert "Nobody has that" in texts(app)
    studio.administration.set_disabled(ROOT_ADMIN, ANN.name, disabled=False)


def choose(app: AppTest, person: User) -> AppTest:
    return app.selectbox(key="team.person").set_value(person.name).run()


def test_a_role_is_given_and_somebody_is_disabled_and_enabled(studio: Studio, page: Open) -> None:
    app = choose(page(ROOT_ADMIN), ANN)
    roles = next(each for each in app.selectbox if each.label == "Role")
    roles.set_value(Role.OPERATOR).run()
    button(app, "Give this role").click().run()
    assert studio.administration.find(ROOT_ADMIN, ANN.name).role is Role.OPERATOR
    button(app, "Disable").click().run()
    person = studio.people.find(ANN.name)
    assert person
    assert person.disabled
    button(app, "Enable").click().run()
    person = studio.people.find(ANN.name)
    assert person
    assert not person.disabled
    studio.administration.give_role(ROOT_ADMIN, ANN.name, None)


def test_why_an_admin_of_the_settings_stays_is_said(page: Open) -> None:
    app = choose(page(ROOT_ADMIN), ROOT_ADMIN)
    assert "CONTRAPPOSTO_ADMINS" in texts(app)
    assert not [each for each in app.button if each.label in {"Disable", "Remove"}]


def test_a_person_is_removed_only_by_typing_who(studio: Studio, page: Open) -> None:
    eve = User(name="idp.example/eve", role=Role.ARTIST, title="eve@example.com")
    studio.people.enter(SignIn(name=eve.name, title=eve.title))
    studio.poses.save(eve, "pose", (), POSE)
    app = choose(page(ROOT_ADMIN), eve)
    button(app, "Remove").click().run()
    assert "Theirs: 1 pose" in texts(app)
    app.text_input(key="team.remove.typed").set_value("adam@example.com")
    app.button(key="team.remove.yes").click().run()
    assert "Type eve" in errors(app)
    app = choose(page(ROOT_ADMIN), eve)
    button(app, "Remove").click().run()
    app.text_input(key="team.remove.typed").set_value("eve@example.com")
    app.button(key="team.remove.yes").click().run()
    app = page(ROOT_ADMIN)
    assert "eve@example.com is being removed. Left: 1 pose." in texts(app)
    studio.moves.look()
    assert studio.people.find(eve.name) is None
    assert "being removed" not in texts(page(ROOT_ADMIN))


def test_what_was_made_without_a_login_is_handed_over(studio: Studio, page: Open) -> None:
    pose = studio.poses.save(LOCAL, "pose", (), POSE)
    app = page(ROOT_ADMIN)
    button(app, "Hand over what was made without a login").click().run()
    assert "1 pose" in texts(app)
    app.selectbox(key="team.hand-over.to").set_value(ANN.name)
    app.button(key="team.hand-over.yes").click().run()
    studio.moves.look()
    assert studio.poses.get(ANN, pose.id).owner == ANN.name


def test_a_key_is_shown_once_and_revoked(studio: Studio, page: Open) -> None:
    app = page(ANN)
    assert "cpk_" not in "".join(each.value for each in app.code)
    button(app, "Make a key").click().run()
    assert "name of 1 to" in errors(app)
    app.text_input(key="team.key.title").set_value("my script")
    button(app, "Make a key").click().run()
    key = app.code[0].value
    assert studio.api_keys.check(key).user.name == ANN.name
    assert studio.api_keys.check(key).scopes == (Scope.READ,)
    assert list(app.dataframe[-1].value["Name"]) == ["my script"]
    button(app, "I have copied it").click().run()
    assert not app.code
    app.selectbox(key="team.key.which").set_value(studio.api_keys.list(ANN)[0].id).run()
    button(app, "Revoke").click().run()
    app.button(key="team.key.revoke.yes").click().run()
    assert studio.api_keys.list(ANN) == ()


def test_a_key_is_gone_when_the_page_was_left(studio: Studio, page: Open) -> None:
    app = page(ANN)
    app.text_input(key="team.key.title").set_value("my script")
    button(app, "Make a key").click().run()
    assert app.code
    app.switch_page("../pages/models.py").run()
    app.switch_page("../pages/team.py").run()
    assert not app.code
    app = page(ROOT_ADMIN, "API keys")
    assert list(app.dataframe[0].value["Person"]) == [ANN.title]
    key = studio.api_keys.list(ANN)[0]
    app.selectbox(key="team.keys.which").set_value(key.id).run()
    button(app, "Revoke").click().run()
    app.button(key="team.key.revoke.yes").click().run()
    assert "Nobody has a key" in texts(page(ROOT_ADMIN, "API keys"))


def test_the_policy_is_set_and_not_overwritten(studio: Studio, page: Open) -> None:
    app = page(ROOT_ADMIN, "Policy")
    app.text_area(key="team.policy.words").set_value("Gore\n\n blood ")
    app.text_area(key="team.policy.checkpoints.artist").set_value("cats*\ndogs*")
    button(app, "Save the policy").click().run()
    policy = TeamPolicy(
        checkpoints={Role.ARTIST: ("cats*", "dogs*")}, blocked_words=("blood", "gore")
    )
    assert studio.policy.of() == policy
    assert not app.error
    assert app.text_area(key="team.policy.words").value == "blood\ngore"
    other = policy.model_copy(update={"job_visibility": Visibility.TEAM})
    stale = page(ROOT_ADMIN, "Policy")
    studio.policy.change(ROOT_ADMIN, policy, other)
    stale.text_area(key="team.policy.words").set_value("")
    button(stale, "Save the policy").click().run()
    assert "Another admin changed the policy" in errors(stale)
    assert studio.policy.of() == other
    studio.policy.change(ROOT_ADMIN, other, TeamPolicy())


def test_quotas_message_and_audit_have_their_sections(page: Open) -> None:
    assert "Quotas" in texts(page(ROOT_ADMIN, "Quotas"))
    assert any(
        each.label == "Message to everybody" for each in page(ROOT_ADMIN, "Message").text_area
    )
    assert "role" not in errors(page(ROOT_ADMIN, "Audit"))
    assert page(ROOT_ADMIN, "Audit").dataframe
