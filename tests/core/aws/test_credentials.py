"""Keys that AWS refuses are read again where the user's files changed, or named as refused."""

import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from botocore.credentials import SSOProvider

from core.aws.client import Aws, Connection, translate_errors
from core.aws.storage import Storage
from core.errors import AwsDenied, AwsError
from core.jobs.store.dynamodb import DynamoJobStore
from tests.support.faulty_aws import Answer, Call, FaultyAws, faulty_aws, refuse

OLD, NEW = "AKIDOLD", "AKIDNEW"
INVOCATION: Any = {"EndpointName": "team", "InputLocation": "s3://team/a", "InferenceId": "a" * 26}


@pytest.fixture(scope="module")
def running() -> Iterator[FaultyAws]:
    with faulty_aws() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folder, with nothing of AWS in the environment."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    cache = tmp_path / ".aws/sso/cache"
    cache.mkdir(parents=True)
    monkeypatch.setattr(SSOProvider, "_SSO_TOKEN_CACHE_DIR", str(cache))  # of import's time
    return tmp_path


@pytest.fixture
def account(running: FaultyAws, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyAws]:
    """An AWS that refuses the old key."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", str(running.connection.url))
    running.faults[""] = refuse_old("ExpiredTokenException")
    yield running
    running.faults.clear()


def refuse_old(code: str) -> Callable[[Call], Answer]:
    refusal = refuse(400, code, "The security token included in the request is expired")
    return lambda call: refusal(call) if call.access_key == OLD else call.forward()


def write_keys(home: Path, key: str) -> None:
    text = f"[default]\naws_access_key_id = {key}\naws_secret_access_key = s{key}\n"
    (home / ".aws/credentials").write_text(text, "utf-8")


def open_aws() -> Aws:
    return Aws(Connection(region="eu-west-1"))


CALLS: dict[str, Callable[[Aws], object]] = {
    "s3": lambda aws: aws.s3.list_buckets(),
    "s3, no body": lambda aws: Storage(aws, "team").head("a"),
    "s3, upload": lambda aws: aws.s3.create_bucket(
        Bucket="team", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    ),
    "dynamodb": lambda aws: aws.dynamodb().list_tables(),
    "sagemaker": lambda aws: aws.sagemaker.list_endpoints(),
    "invocation": lambda aws: aws.runtime.invoke_endpoint_async(**INVOCATION),
    "sts": lambda aws: aws.client_for_pages("sts").get_caller_identity(),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_refused_call_is_made_with_the_new_keys(
    account: FaultyAws, home: Path, name: str
) -> None:
    write_keys(home, OLD)
    aws = open_aws()
    with pytest.raises(AwsDenied, match="aws sso login"), translate_errors("Asking AWS failed"):
        CALLS[name](aws)
    write_keys(home, NEW)
    assert CALLS[name](aws) is not False


@pytest.mark.parametrize(
    "code", ["ExpiredToken", "InvalidClientTokenId", "UnrecognizedClientException", "InvalidToken"]
)
def test_keys_that_stay_are_named_with_what_to_do(
    account: FaultyAws, home: Path, code: str
) -> None:
    asked: list[str] = []

    def count(call: Call) -> Answer:
        asked.append(call.access_key)
        return refuse_old(code)(call)

    write_keys(home, OLD)
    aws = open_aws()
    account.faults[""] = count
    with pytest.raises(AwsDenied, match=r"renew the credentials|Check the access key"):
        Storage(aws, "team").list("")
    assert asked == [OLD]


def test_keys_that_are_configured_later_are_found(account: FaultyAws, home: Path) -> None:
    store = DynamoJobStore(open_aws(), "jobs")
    with pytest.raises(AwsDenied, match="Configure AWS credentials"):
        store.get("a")
    write_keys(home, NEW)
    with pytest.raises(AwsError, match="ResourceNotFoundException"):
        store.get("a")


def test_a_file_that_is_half_written_is_read_when_it_is_whole(
    account: FaultyAws, home: Path
) -> None:
    write_keys(home, OLD)
    storage = Storage(open_aws(), "nobodys")
    for half in ("[default", "[default]\naws_access_key_id = AKIDNEW\n", ""):
        (home / ".aws/credentials").write_text(half, "utf-8")
        with pytest.raises(AwsDenied, match="credentials"):
            storage.list("")
    write_keys(home, NEW)
    assert not storage.exists()


def test_all_sessions_go_on_at_once(account: FaultyAws, home: Path) -> None:
    write_keys(home, OLD)
    storage = Storage(open_aws(), "nobodys")
    write_keys(home, NEW)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _n: storage.exists(), range(16))) == [False] * 16


# ---- sign-in with SSO
START = "https://team.awsapps.com/start"
PROFILE = f"""[default]
sso_start_url = {START}
sso_region = eu-west-1
sso_account_id = 123456789012
sso_role_name = studio
"""


def sign_in(home: Path, until: datetime) -> None:
    """What `aws sso login` writes."""
    name = sha1(START.encode(), usedforsecurity=False).hexdigest()
    token = {"startUrl": START, "region": "eu-west-1", "accessToken": "t"}
    body = json.dumps({**token, "expiresAt": until.strftime("%Y-%m-%dT%H:%M:%SZ")})
    (home / f".aws/sso/cache/{name}.json").write_text(body, "utf-8")


def role(key: str) -> Answer:
    """What SSO gives for a token."""
    later = int((time.time() + 3600) * 1000)
    keys = {"accessKeyId": key, "secretAccessKey": "s", "sessionToken": "t", "expiration": later}
    return Answer(200, json.dumps({"roleCredentials": keys}).encode())


def test_a_new_sign_in_is_noticed(account: FaultyAws, home: Path) -> None:
    (home / ".aws/config").write_text(PROFILE, "utf-8")
    now = datetime.now(UTC)
    sign_in(home, now - timedelta(hours=1))
    storage = Storage(open_aws(), "nobodys")
    with pytest.raises(AwsDenied, match="aws sso login"):
        storage.exists()
    account.faults = {"GET /federation/credentials": lambda _: role(OLD), **account.faults}
    sign_in(home, now + timedelta(hours=1))
    with pytest.raises(AwsDenied):
        storage.exists()  # the role's session was ended
    account.faults = {**account.faults, "GET /federation/credentials": lambda _: role(NEW)}
    sign_in(home, now + timedelta(hours=2))
    assert not storage.exists()


# ---- who gives credentials, and is silent
@pytest.fixture
def silent() -> Iterator[tuple[str, list[str]]]:
    """The address of a server that takes calls and never answers, and what it was asked for."""
    asked: list[str] = []
    over = Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            over.wait(60)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Say nothing of each call."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}/", asked
    over.set()
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_container_that_gives_no_credentials_is_left(
    home: Path, silent: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, asked = silent
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{address}role")
    with pytest.raises(AwsDenied, match=r"container-role.*Check the role"):
        open_aws()
    assert asked == ["/role"] * 2


def test_an_sts_that_gives_no_credentials_is_left(
    home: Path, silent: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, asked = silent
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", address)
    arn = "arn:aws:iam::123456789012:role/studio"
    text = f"[default]\nrole_arn = {arn}\nsource_profile = keys\n[profile keys]\nregion = eu-west-1"
    (home / ".aws/config").write_text(text, "utf-8")
    write_keys(home, NEW)
    keys = (home / ".aws/credentials").read_text("utf-8").replace("default", "keys")
    (home / ".aws/credentials").write_text(keys, "utf-8")
    storage = Storage(open_aws(), "team")

    def fail(_number: int) -> str:
        with pytest.raises(AwsDenied) as caught:
            storage.list("")
        return str(caught.value)

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(fail, range(8)))
    assert all("assume-role" in words and "Check the role" in words for words in told)
    assert asked == ["/"] * 2, "one asks for all, and tries twice"
