"""The header of a load balancer: what it says is believed, and whatever is wrong with it is not."""

import base64
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.load_balancer import (
    ARN,
    ISSUER,
    KeyServer,
    SigningKey,
    encoded,
    key_server,
)
from ui.auth.alb_header import AlbHeader, InvalidHeader
from ui.auth.alb_keys import AlbKeys, KeyNotFound, keys_address
from ui.auth.claims import sign_in_of

ANN = {"sub": "ann-1", "email": "ann@example.com", "email_verified": "true"}
OTHER_ARN = ARN.replace("/studio/", "/other/")


@pytest.fixture(scope="module")
def keys() -> Iterator[KeyServer]:
    with key_server() as opened:
        yield opened


@pytest.fixture(scope="module")
def key(keys: KeyServer) -> SigningKey:
    return keys.publish(SigningKey())


@pytest.fixture
def header(keys: KeyServer) -> AlbHeader:
    return AlbHeader(ARN, AlbKeys(keys.url), time.time)


def part(token: str, index: int, value: str) -> str:
    parts = token.split(".")
    parts[index] = value
    return ".".join(parts)


def unpadded(token: str) -> str:
    return ".".join(part.rstrip("=") for part in token.split("."))


def test_a_header_names_who_signed_in(header: AlbHeader, key: SigningKey) -> None:
    token = key.header(ANN)
    assert any(part.endswith("=") for part in token.split(".")), "it is padded, as AWS's are"
    found = sign_in_of(header.claims([token]), "10.0.0.1")
    assert found is not None
    assert found.name == "cognito-idp.us-east-1.amazonaws.com/us-east-1_pool/ann-1"
    assert (found.title, found.groups, found.origin) == ("ann@example.com", (), "10.0.0.1")


def test_padding_makes_no_difference_to_who_it_is(header: AlbHeader, key: SigningKey) -> None:
    """What is signed is what was sent: a token that was signed with padding needs it."""
    token = key.header(ANN)
    head, body, signature = token.split(".")
    bare = part(token, 2, signature.rstrip("="))
    assert header.claims([bare]) == header.claims([token])
    if head.endswith("=") or body.endswith("="):
        with pytest.raises(InvalidHeader, match="another_signature"):
            header.claims([unpadded(token)])


Forge = Callable[[SigningKey], list[str]]
STRANGER = SigningKey()

BAD: list[tuple[str, Forge]] = [
    ("no_header", lambda _: []),
    ("header_repeated", lambda key: [key.header(ANN), key.header(ANN)]),
    ("not_three_parts", lambda _: [""]),
    ("not_three_parts", lambda key: [key.header(ANN).rpartition(".")[0]]),
    ("not_three_parts", lambda key: [key.header(ANN) + ".x"]),
    ("too_long", lambda key: [key.header(ANN | {"name": "x" * 20_000})]),
    ("not_base64", lambda key: [part(key.header(ANN), 0, "é!")]),
    ("not_json", lambda key: [part(key.header(ANN), 1, "AAAA")]),
    ("no_object", lambda key: [part(key.header(ANN), 0, encoded([1]))]),
    ("another_algorithm", lambda key: [key.header(ANN, alg="none")]),
    ("another_algorithm", lambda key: [key.header(ANN, alg="HS256")]),
    ("another_algorithm", lambda key: [key.header(ANN, alg="es256")]),
    ("another_signer", lambda key: [key.header(ANN, signer=OTHER_ARN)]),
    ("another_signer", lambda key: [key.header(ANN, signer=None)]),
    ("no_such_key", lambda key: [key.header(ANN, kid=str(uuid.uuid4()))]),
    ("no_such_key", lambda key: [key.header(ANN, kid=f"../{key.id}")]),
    ("no_such_key", lambda key: [key.header(ANN, kid=f"{key.id}\n")]),
    ("no_such_key", lambda key: [key.header(ANN, kid=f"{key.id}?x")]),
    ("no_such_key", lambda key: [key.header(ANN, kid=[key.id])]),
    ("another_signature", lambda key: [part(key.header(ANN), 1, encoded(ANN | {"sub": "bob"}))]),
    ("another_signature", lambda key: [STRANGER.header(ANN, kid=key.id)]),
    ("another_signature", lambda key: [part(key.header(ANN), 2, encoded("x" * 62))]),
    ("no_signature", lambda key: [part(key.header(ANN), 2, "")]),
    ("no_signature", lambda key: [part(key.header(ANN), 2, "AAAA")]),
    ("expired", lambda key: [key.header(ANN, exp=int(time.time()) - 60)]),
    ("expired", lambda key: [key.header(ANN | {"exp": int(time.time()) - 60})]),
    ("no_expiry", lambda key: [key.header(ANN, exp=None)]),
    ("no_expiry", lambda key: [key.header(ANN, exp="never")]),
    ("no_expiry", lambda key: [key.header(ANN, exp=True)]),
    ("two_issuers", lambda key: [key.header(ANN | {"iss": "https://evil.example.com"})]),
]


@pytest.mark.parametrize(("why", "forge"), BAD)
def test_what_proves_nothing_is_refused(
    header: AlbHeader, key: SigningKey, why: str, forge: Forge
) -> None:
    values = forge(key)
    with pytest.raises(InvalidHeader, match=why) as refused:
        header.claims(values)
    assert not any(value and value in str(refused.value) for value in values)


def test_a_clock_may_be_half_a_minute_off(header: AlbHeader, key: SigningKey) -> None:
    now = int(time.time())
    assert header.claims([key.header(ANN, exp=now - 10)])["sub"] == "ann-1"


@pytest.mark.parametrize(
    ("data", "told", "groups"),
    [
        ({}, {"cognito:groups": ["b", "a"]}, ("a", "b")),
        ({"groups": ["c"]}, {}, ("c",)),
        ({"groups": "c,d"}, {}, ("c", "d")),
        ({"groups": ["c"]}, {"cognito:groups": ["a"]}, ("a", "c")),
        ({"cognito:groups": ["c"]}, {"cognito:groups": ["a"]}, ("c",)),
        ({}, {"cognito:groups": ["a"], "sub": "bob"}, ()),
        ({}, {"cognito:groups": ["a"], "iss": "https://evil.example.com"}, ()),
        ({}, {"cognito:groups": {"a": 1}}, ()),
        ({}, {"cognito:groups": ["a", 1, "", "x" * 200]}, ("a",)),
    ],
)
def test_groups_come_from_the_data_or_from_the_same_persons_access_token(
    header: AlbHeader,
    key: SigningKey,
    data: dict[str, Any],
    told: dict[str, Any],
    groups: tuple[str, ...],
) -> None:
    token = f"e30.{encoded({'iss': ISSUER, 'sub': 'ann-1'} | told)}.x"
    found = sign_in_of(header.claims([key.header(ANN | data)], [token]))
    assert found
    assert found.groups == groups


@pytest.mark.parametrize("token", ["", "opaque", "a.b.c", "e30.é.x", f"e30.{encoded([])}.x"])
def test_an_access_token_that_tells_nothing_takes_nothing_away(
    header: AlbHeader, key: SigningKey, token: str
) -> None:
    assert header.claims([key.header(ANN)], [token])["sub"] == "ann-1"


def test_a_key_is_asked_for_once_and_an_unknown_one_once_a_minute(keys: KeyServer) -> None:
    now = [0.0]
    known = AlbKeys(keys.url, lambda: now[0])
    later = SigningKey()
    keys.asked.clear()
    for seconds, times in ((0, 1), (59, 1), (61, 2)):
        now[0] = seconds
        with pytest.raises(KeyNotFound):
            known.key(later.id)
        assert keys.asked.count(f"/{later.id}") == times
    keys.publish(later)
    now[0] = 130
    for _ in range(3):
        assert known.key(later.id).public_numbers() == later.private.public_key().public_numbers()
    assert keys.asked.count(f"/{later.id}") == 3


def test_who_guesses_ids_is_asked_for_no_more_of_them(keys: KeyServer) -> None:
    known, right = AlbKeys(keys.url, lambda: 0.0), keys.publish(SigningKey())
    known.key(right.id)
    keys.asked.clear()
    for _ in range(100):
        with pytest.raises(KeyNotFound):
            known.key(str(uuid.uuid4()))
    assert len(keys.asked) == 64
    assert known.key(right.id), "what is known stays known"


def test_a_silent_server_of_keys_is_asked_again_soon(key: SigningKey) -> None:
    now = [0.0]
    silent = AlbKeys("http://127.0.0.1:9", lambda: now[0])
    with pytest.raises(KeyNotFound):
        silent.key(key.id)
    silent._address = "http://127.0.0.1:8"
    assert silent._is_unknown(key.id)
    now[0] = 6
    assert not silent._is_unknown(key.id)


@pytest.mark.parametrize("pem", [b"", b"x" * 10_000, base64.b64encode(b"no key")])
def test_what_is_no_key_is_none(keys: KeyServer, pem: bytes) -> None:
    key_id = str(uuid.uuid4())
    keys.published[f"/{key_id}"] = pem
    with pytest.raises(KeyNotFound):
        AlbKeys(keys.url).key(key_id)


@pytest.mark.parametrize(
    ("arn", "address"),
    [
        (ARN, "https://public-keys.auth.elb.us-east-1.amazonaws.com"),
        (
            ARN.replace("arn:aws:", "arn:aws-us-gov:").replace("us-east-1", "us-gov-west-1"),
            "https://s3-us-gov-west-1.amazonaws.com/aws-elb-public-keys-prod-us-gov-west-1",
        ),
    ],
)
def test_the_keys_lie_in_the_load_balancers_region(arn: str, address: str) -> None:
    assert keys_address(arn) == address
