"""What the port does with senders that are no AWS client: odd, slow, or without the keys."""

import io
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.data_folder import DataFolder
from local_aws.s3.http.request_handler import TimedInput
from tests.local_aws.conftest import Cloud, refusal

GIGABYTE = 1_000_000_000


def first_line(cloud: Cloud, sent: bytes) -> bytes:
    """What the port answers to these bytes, while the sender waits for more."""
    port = int(cloud.aws.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(sent)
        return connection.makefile("rb").readline().strip()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"garbage\r\n\r\n", b"400"),
        (b"GET / HTTP/9\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"400"),  # a TLS ClientHello
        (b"GET http://[::1 HTTP/1.1\r\nHost: a\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: abc\r\n\r\n", b"400"),
        (b"PUT /b/k HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", b"400"),
        (b"PUT /b/k HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n", b"403"),
        (b"PUT /b/k HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n", b"403"),
        (
            b"PUT /b/k HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
            b"Content-Length: %d\r\n\r\n" % GIGABYTE,
            b"403",
        ),
        (
            b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
            b"Content-Length: %d\r\n\r\n" % GIGABYTE,
            b"403",
        ),
    ],
)
def test_what_is_answered_without_waiting(cloud: Cloud, sent: bytes, status: bytes) -> None:
    assert first_line(cloud, sent).split()[1] == status
    assert "Traceback" not in (cloud.data / "local_aws.log").read_text()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_a_slow_sender_is_dropped(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    clock = iter((0.0, 0.0, 61.0))
    source = TimedInput(ours, lambda: next(clock))
    theirs.sendall(b"a")
    assert source.read(1) == b"a"
    theirs.sendall(b"b")
    with pytest.raises(TimeoutError):
        source.read(1)


def test_after_the_answer_no_body_is_asked_for(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    source = TimedInput(ours)
    source.expects_continue = True
    theirs.sendall(b"abc")
    assert source.read(1) == b"a"
    assert theirs.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    source.expects_continue = True
    source.drain_only()
    assert io.BufferedReader(source).read(2) == b"bc"
    theirs.setblocking(False)
    with pytest.raises(BlockingIOError):
        theirs.recv(100)


def test_an_existing_folder_becomes_private(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    folder = DataFolder(tmp_path)
    assert folder.lock()
    folder.unlock()
    assert tmp_path.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("sagemaker", "create_hub", {"HubName": "a", "HubDescription": "b"}),
        (
            "sagemaker-runtime",
            "invoke_endpoint_with_response_stream",
            {"EndpointName": "a", "Body": b"x"},
        ),
        ("iam", "get_context_keys_for_principal_policy", {"PolicySourceArn": "a"}),
        ("dynamodb", "list_imports", {}),
        ("pricing", "describe_services", {}),
        ("eks-auth", "assume_role_for_pod_identity", {"clusterName": "a", "token": "b"}),
        (
            "application-autoscaling",
            "get_predictive_scaling_forecast",
            {
                "ServiceNamespace": "sagemaker",
                "ResourceId": "endpoint/a/variant/main",
                "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
                "PolicyName": "a",
                "StartTime": 0,
                "EndTime": 1,
            },
        ),
    ],
)
def test_the_unknown_is_named(
    cloud: Cloud, service: str, operation: str, parameters: dict[str, object]
) -> None:
    call = getattr(cloud.client(service), operation)
    code, _, status = refusal(lambda: call(**parameters))
    assert (code, status) == ("UnknownOperationException", 400)
