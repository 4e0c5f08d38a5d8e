"""A stack that CloudFormation takes back is told with its reasons, and one that never was is made
anew. moto never takes one back, so a server plays CloudFormation's answers over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import boto3
import pytest

from core.errors import DeploymentFailed
from deploy.stack import CloudStack

SUMMARY = """<Parameters><member><ParameterKey>BucketName</ParameterKey></member></Parameters>"""
EVENTS = (
    ("1", "contrapposto", "CREATE_IN_PROGRESS", ""),
    ("2", "Certificate", "CREATE_FAILED", "The hosted zone Z1 was not found."),
    ("3", "Balancer", "CREATE_FAILED", "Resource creation cancelled"),
    ("4", "contrapposto", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed"),
)


def stacks(status: str) -> str:
    return (
        "<Stacks><member><StackName>contrapposto</StackName><StackId>arn:1</StackId>"
        f"<CreationTime>2026-11-29T00:00:00Z</CreationTime><StackStatus>{status}</StackStatus>"
        "</member></Stacks>"
    )


def events() -> str:
    members = (
        f"<member><EventId>{number}</EventId><StackId>arn:1</StackId>"
        f"<StackName>contrapposto</StackName><Timestamp>2026-11-29T00:00:00Z</Timestamp>"
        f"<LogicalResourceId>{name}</LogicalResourceId><ResourceStatus>{status}</ResourceStatus>"
        + (f"<ResourceStatusReason>{reason}</ResourceStatusReason>" if reason else "")
        + "</member>"
        for number, name, status, reason in reversed(EVENTS)
    )
    return f"<StackEvents>{''.join(members)}</StackEvents>"


MISSING = (
    "<Error><Type>Sender</Type><Code>ValidationError</Code>"
    "<Message>Stack with id contrapposto does not exist</Message></Error>"
)


@contextmanager
def playing(statuses: list[str]) -> Iterator[tuple[Any, list[str]]]:
    """A client of a CloudFormation whose stack is in these states, one look after the other, the
    last one from then on; `""` is no stack. Beside it, the operations that were called."""
    called: list[str] = []

    def answer(action: str) -> tuple[int, str]:
        called.append(action)
        if action != "DescribeStacks":
            body = {"GetTemplateSummary": SUMMARY, "DescribeStackEvents": events()}.get(action, "")
            result = f"<{action}Result>{body}</{action}Result>"
            return 200, f"<{action}Response>{result}</{action}Response>"
        status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
        if not status:
            return 400, f"<ErrorResponse>{MISSING}</ErrorResponse>"
        result = f"<DescribeStacksResult>{stacks(status)}</DescribeStacksResult>"
        return 200, f"<DescribeStacksResponse>{result}</DescribeStacksResponse>"

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            status, text = answer(body["Action"][0])
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield client(server.server_port), called
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def client(port: int) -> Any:
    return boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing").client(
        "cloudformation", endpoint_url=f"http://127.0.0.1:{port}", region_name="eu-west-1"
    )


def apply(cloudformation: Any) -> list[str]:
    said: list[str] = []
    stack = CloudStack(cloudformation, "contrapposto", sleep=lambda _: None)
    stack.apply({"BucketName": "team-bucket"}, said.append)
    return said


def test_what_was_taken_back_is_told_with_its_first_reasons() -> None:
    statuses = ["", "CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"]
    with playing(statuses) as (cloudformation, _), pytest.raises(DeploymentFailed) as caught:
        apply(cloudformation)
    assert str(caught.value).splitlines() == [
        "The stack contrapposto ended as ROLLBACK_COMPLETE.",
        "  Certificate: The hosted zone Z1 was not found.",
    ]


def test_each_event_is_told_once_and_in_order() -> None:
    statuses = ["", "CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"]
    with playing(statuses) as (cloudformation, _):
        said = apply(cloudformation)
    assert [line.split()[1] for line in said] == [name for _, name, _, _ in EVENTS]


def test_one_that_never_came_to_be_is_deleted_and_made_anew() -> None:
    statuses = ["ROLLBACK_COMPLETE"] * 2 + ["DELETE_IN_PROGRESS", "", "CREATE_COMPLETE"]
    with playing(statuses) as (cloudformation, called):
        apply(cloudformation)
    changes = [name for name in called if name in {"CreateStack", "UpdateStack", "DeleteStack"}]
    assert changes == ["DeleteStack", "CreateStack"]


def test_one_that_is_being_changed_is_left_alone() -> None:
    refused = pytest.raises(DeploymentFailed, match="is being changed")
    with playing(["UPDATE_IN_PROGRESS"]) as (cloudformation, called), refused:
        apply(cloudformation)
    assert called == ["DescribeStacks"]


def test_one_that_can_not_be_deleted_is_told() -> None:
    with playing(["UPDATE_COMPLETE", "DELETE_IN_PROGRESS", "DELETE_FAILED"]) as (
        cloudformation,
        _,
    ):
        stack = CloudStack(cloudformation, "contrapposto", sleep=lambda _: None)
        with pytest.raises(DeploymentFailed, match="ended as DELETE_FAILED"):
            stack.delete(print)
