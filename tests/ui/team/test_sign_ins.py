"""The audit hears of a login once in a browser session, whichever way it came out."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

import ui.state
from core.aws.client import Connection
from core.settings import Settings
from core.studio import Studio, open_studio
from core.team.audit.entries import AUDIT, AuditEntry
from core.team.people import SignIn
from core.team.users import LOCAL, User
from tests.support.helpers import wait_for
from ui.auth.visitor import Visitor
from ui.state import set_studio
from ui.texts import login

ORIGIN = "198.51.100.9"
SCRIPT = f"""
from ui.auth.audited import tell_of_session
from ui.state import studio, visitor

tell_of_session(visitor(), studio().audit, {ORIGIN!r})
"""
ADA = User(name="idp/ada", title="ada@example.com", origin="203.0.113.7")
BOB = SignIn(name="idp/bob", title="bob@example.com", origin="203.0.113.8")


@pytest.fixture
def studio(connection: Connection, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    settings = Settings(data=tmp_path_factory.mktemp("logins"), bucket="logins", demo=False)
    with open_studio(settings, connection) as opened:
        set_studio(opened)
        yield opened
        set_studio(None)


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (Visitor(ADA), ("sign in", "done", "", ADA.name, ADA.origin)),
        (
            Visitor(None, "Disabled.", BOB),
            ("sign in", "refused", "disabled", BOB.name, BOB.origin),
        ),
        (
            Visitor(None, login.HEADER_REFUSED),
            ("sign in", "refused", "header refused", "", ORIGIN),
        ),
        (
            Visitor(None, login.NOT_VERIFIED),
            ("sign in", "refused", "not verified", "", ORIGIN),
        ),
        (Visitor(None, login.SESSION_OVER), None),
        (Visitor(None), None),
        (Visitor(LOCAL), None),
    ],
)
def test_once_in_a_session(
    studio: Studio,
    monkeypatch: pytest.MonkeyPatch,
    found: Visitor,
    told: tuple[str, ...] | None,
) -> None:
    monkeypatch.setattr(ui.state, "visitor", lambda: found)
    app = AppTest.from_string(SCRIPT, default_timeout=60)
    for _ in range(3):
        app.run()
    assert not app.exception
    studio.audit.sign_out(ADA)  # stored after all others
    entries = wait_for(lambda: kept(studio, "sign out") and kept(studio, "sign in", "sign out"))
    assert [
        (each.event, each.outcome, each.reason, each.user, each.origin)
        for each in entries
        if each.event == "sign in"
    ] == ([told] if told else [])


def kept(studio: Studio, *events: str) -> list[AuditEntry]:
    found = (record.value for record in studio.records.page(AUDIT).records)
    return [entry for entry in found if entry.event in events]
