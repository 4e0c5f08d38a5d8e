"""The audit's panel: what an admin sees, filters, turns and exports."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import ui.state
from core.aws.client import Connection
from core.settings import Identity, Settings
from core.studio.service import Studio, open_studio
from core.team.audit.entries import AUDIT, AuditEntry, AuditEvent, Outcome, day_of
from core.team.audit.log import id_at
from core.team.audit.trail import AuditFilter
from core.team.users import SYSTEM, Role, User
from tests.support.helpers import wait_for
from ui.auth.visitor import Visitor
from ui.state import set_studio
from ui.team.audit import audit_csv


@pytest.fixture(scope="module")
def studio(connection: Connection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    settings = Settings(
        data=tmp_path_factory.mktemp("audit"), bucket="pages-audit", identity=Identity.OIDC
    )
    with open_studio(settings, connection) as opened:
        set_studio(opened)
        yield opened
        set_studio(None)


@pytest.fixture(autouse=True)
def admin(monkeypatch: pytest.MonkeyPatch) -> None:
    sees(monkeypatch, Role.ADMIN)


@pytest.fixture
def entries(studio: Studio) -> Iterator[None]:
    """Sixty acts of today's last hours, each third one of Bob, who was refused."""
    now = datetime.now(UTC)
    added = []
    for number in range(60):
        at = now - timedelta(seconds=number)
        bobs: dict[str, Any] = {"title": "bob@example.com", "outcome": Outcome.REFUSED}
        values = bobs if number % 3 == 0 else {"title": "=1+1", "outcome": Outcome.DONE}
        entry = AuditEntry(
            id=id_at(at), at=at, event=AuditEvent.STOP, subject=str(number), **values
        )
        added.append(studio.records.add(AUDIT, day_of(at), entry.id, entry))
    yield
    for record in added:
        studio.records.delete(record)


SCRIPT = """
from core.errors import ContrappostoError
from ui.errors import show_unhandled
from ui.team.audit import audit_panel

try:
    audit_panel()
except ContrappostoError as error:  # as the app shows what no page handles
    show_unhandled(error)
"""


def opened() -> AppTest:
    return AppTest.from_string(SCRIPT, default_timeout=60).run()


def shown(app: AppTest) -> list[int]:
    return [int(subject) for subject in app.dataframe[0].value["Of what"]]


@pytest.mark.usefixtures("entries")
def test_pages_are_turned(studio: Studio) -> None:
    app = opened()
    assert shown(app) == list(range(50))
    app.button(key="audit.older").click().run()
    assert shown(app) == list(range(50, 60))
    assert app.button(key="audit.older").disabled
    app.button(key="audit.newer").click().run()
    assert shown(app) == list(range(50))


@pytest.mark.usefixtures("entries")
def test_filters_begin_at_the_first_page(studio: Studio) -> None:
    app = opened()
    app.button(key="audit.older").click().run()
    app.text_input(key="audit.person").set_value("BOB@").run()
    assert shown(app) == list(range(0, 60, 3))
    app.selectbox(key="audit.event").set_value(AuditEvent.DELETE).run()
    assert not app.dataframe
    app.selectbox(key="audit.event").set_value(AuditEvent.STOP).run()
    app.selectbox(key="audit.outcome").set_value(Outcome.DONE).run()
    assert not app.dataframe
    assert not app.exception


@pytest.mark.usefixtures("entries")
def test_an_export_has_what_the_filters_take_and_no_formula(studio: Studio) -> None:
    text = audit_csv(AuditFilter(outcome=Outcome.DONE)).decode()
    _, *rows = csv.reader(text.splitlines())
    assert len(rows) == 40
    assert {row[3] for row in rows} == {"'=1+1"}


def test_the_studio_has_a_name_of_its_own(studio: Studio) -> None:
    studio.audit.record(SYSTEM, AuditEvent.STOP, kind="endpoint", subject="cats")
    wait_for(lambda: studio.records.page(AUDIT).records)
    app = opened()
    assert list(app.dataframe[0].value["Person"]) == ["(the studio itself)"]


def sees(monkeypatch: pytest.MonkeyPatch, role: Role) -> None:
    visitor = Visitor(User(name="ada", role=role))
    monkeypatch.setattr(ui.state, "visitor", lambda: visitor)


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ARTIST, Role.OPERATOR])
def test_whoever_is_no_admin_sees_nothing(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    sees(monkeypatch, role)
    app = opened()
    assert not app.dataframe
    assert "may not see this audit" in app.error[0].value
