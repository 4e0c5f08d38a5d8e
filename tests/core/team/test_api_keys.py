"""API keys: what makes one count, and what ends it."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from core.errors import InvalidInput, KeyRefused, NotAllowed, NotFound
from core.team.api_keys import API_KEYS, MAX_DAYS, MAX_KEYS, ApiKeys, KeyProblem, NewKey, Scope
from core.team.users import Role, User
from tests.core.team.conftest import Team


@pytest.fixture
def keys(team: Team) -> ApiKeys:
    return ApiKeys(team.records, team.people, team.access, team.clock)


def create(keys: ApiKeys, user: User, **changes: Any) -> NewKey:
    values = {"title": "script", "scopes": {Scope.READ}, "days": 30}
    return keys.create(user, **{**values, **changes})


def text(key: NewKey) -> str:
    return key.text.get_secret_value()


def test_a_key_tells_who_calls(team: Team, keys: ApiKeys) -> None:
    bob = team.join("bob")
    key = create(keys, bob, title="  my  script ", scopes=[Scope.MANAGE, Scope.READ])
    assert key.listed.title == "my script"
    holder = keys.check(text(key))
    assert holder.user == bob
    assert holder.scopes == (Scope.READ, Scope.MANAGE)
    assert holder.expires_at == team.clock() + timedelta(days=30)
    team.administration.give_role(team.join("ada", Role.ADMIN), "bob", Role.VIEWER)
    assert keys.check(text(key)).user.role is Role.VIEWER


def test_nothing_that_is_kept_or_logged_or_listed_is_the_key(
    team: Team, keys: ApiKeys, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    bob = team.join("bob")
    key = create(keys, bob)
    secret = text(key).rpartition("_")[2] if text(key).count("_") == 2 else text(key)[17:]
    with pytest.raises(KeyRefused):
        keys.check(text(key)[:-1] + ("A" if text(key)[-1] != "A" else "B"))
    keys.check(text(key))
    stored = team.records.page(API_KEYS).records[0].model_dump_json()
    for told in (stored, caplog.text, repr(key), repr(keys.list(bob))):
        assert secret not in told


BAD: dict[str, tuple[Callable[[str], str], KeyProblem]] = {
    "none": (lambda _: "", KeyProblem.MISSING),
    "no key": (lambda _: "secret", KeyProblem.MALFORMED),
    "cut": (lambda key: key[:-1], KeyProblem.MALFORMED),
    "longer": (lambda key: key + "A", KeyProblem.MALFORMED),
    "line end": (lambda key: key + "\n", KeyProblem.MALFORMED),
    "prefix": (lambda key: key.replace("cpk", "sk"), KeyProblem.MALFORMED),
    "capitals": (lambda key: key.upper(), KeyProblem.MALFORMED),
    "other letters": (lambda key: key[:-1] + "é", KeyProblem.MALFORMED),
    "wrong secret": (lambda key: key[:17] + "A" * 43, KeyProblem.UNKNOWN),
    "wrong id": (lambda key: "cpk_000000000000" + key[16:], KeyProblem.UNKNOWN),
}


@pytest.mark.parametrize(("spoil", "problem"), BAD.values(), ids=BAD)
def test_a_wrong_key_is_refused(
    team: Team, keys: ApiKeys, spoil: Callable[[str], str], problem: KeyProblem
) -> None:
    key = text(create(keys, team.join("bob")))
    with pytest.raises(KeyRefused) as refused:
        keys.check(spoil(key))
    assert refused.value.code == problem


def test_the_secret_of_one_key_does_not_open_another(team: Team, keys: ApiKeys) -> None:
    mine, others = (text(create(keys, team.join(name))) for name in ("bob", "eve"))
    with pytest.raises(KeyRefused) as refused:
        keys.check(others[:17] + mine[17:])
    assert refused.value.code == KeyProblem.UNKNOWN


def revoke(team: Team, keys: ApiKeys, key: NewKey) -> None:
    keys.revoke(team.join("bob"), "bob", key.listed.id)


def expire(team: Team, _keys: ApiKeys, _key: NewKey) -> None:
    team.clock.move(days=30)


def disable(team: Team, _keys: ApiKeys, _key: NewKey) -> None:
    team.administration.set_disabled(team.join("ada", Role.ADMIN), "bob", disabled=True)


def forget(team: Team, _keys: ApiKeys, _key: NewKey) -> None:
    team.administration.begin_removal(team.join("ada", Role.ADMIN), "bob")
    team.people.forget("bob")


def remove_keys(_team: Team, keys: ApiKeys, _key: NewKey) -> None:
    keys.remove_all("bob")


@pytest.mark.parametrize(
    ("end", "problem"),
    [
        (revoke, KeyProblem.UNKNOWN),
        (expire, KeyProblem.EXPIRED),
        (disable, KeyProblem.UNKNOWN),
        (forget, KeyProblem.UNKNOWN),
        (remove_keys, KeyProblem.UNKNOWN),
    ],
)
def test_a_key_stops_at_once(
    team: Team, keys: ApiKeys, end: Callable[..., None], problem: KeyProblem
) -> None:
    key = create(keys, team.join("bob"))
    assert keys.check(text(key))
    end(team, keys, key)
    with pytest.raises(KeyRefused) as refused:
        keys.check(text(key))
    assert refused.value.code == problem


@pytest.mark.parametrize("scope", Scope)
def test_a_key_is_good_for_its_scopes_alone(team: Team, keys: ApiKeys, scope: Scope) -> None:
    key = text(create(keys, team.join("bob"), scopes=[Scope.GENERATE]))
    if scope is Scope.GENERATE:
        assert keys.check(key, scope)
        return
    with pytest.raises(KeyRefused, match=scope.value) as refused:
        keys.check(key, scope)
    assert refused.value.code == KeyProblem.OUT_OF_SCOPE


def test_use_is_noted_once_an_hour(team: Team, keys: ApiKeys) -> None:
    bob = team.join("bob")
    key = create(keys, bob)
    used = []
    for minutes in (0, 59, 2):
        team.clock.move(minutes=minutes)
        keys.check(text(key))
        used.append(keys.list(bob)[0].last_used_at)
    assert used[0] == used[1]
    assert used[2] == team.clock()


@pytest.mark.parametrize(
    ("role", "seen", "others_revoked"),
    [
        (Role.VIEWER, {"mine"}, False),
        (Role.ARTIST, {"mine"}, False),
        (Role.OPERATOR, {"mine"}, False),
        (Role.ADMIN, {"mine", "theirs"}, True),
    ],
)
def test_who_sees_and_revokes_keys(
    team: Team, keys: ApiKeys, role: Role, seen: set[str], others_revoked: bool
) -> None:
    me, bob = team.join("me"), team.join("bob")
    create(keys, me, title="mine")
    theirs = create(keys, bob, title="theirs")
    asking = User(name="me", role=role)
    assert {key.title for key in keys.list(asking)} == seen
    assert {key.title for key in keys.list(asking, "bob")} == seen - {"mine"}
    if others_revoked:
        keys.revoke(asking, "bob", theirs.listed.id)
    else:
        with pytest.raises(NotFound, match="no such key"):
            keys.revoke(asking, "bob", theirs.listed.id)
    for key in keys.list(asking, "me"):
        keys.revoke(asking, "me", key.id)
    assert {key.title for key in keys.list(asking)} == set()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 65}, "title"),
        ({"scopes": ()}, "scopes"),
        ({"days": 0}, "days"),
        ({"days": MAX_DAYS + 1}, "days"),
    ],
)
def test_what_is_no_key_is_not_made(
    team: Team, keys: ApiKeys, changes: dict[str, Any], field: str
) -> None:
    bob = team.join("bob")
    with pytest.raises(InvalidInput) as refused:
        create(keys, bob, **changes)
    assert refused.value.field == field
    assert keys.list(bob) == ()


def test_one_person_has_so_many_keys_and_a_viewer_none(team: Team, keys: ApiKeys) -> None:
    bob = team.join("bob")
    for _ in range(MAX_KEYS):
        create(keys, bob)
    with pytest.raises(InvalidInput, match="Revoke one"):
        create(keys, bob)
    with pytest.raises(NotAllowed):
        create(keys, User(name="eve", role=Role.VIEWER))
