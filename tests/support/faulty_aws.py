"""An AWS that fails as it is told to: a proxy before moto that denies, loses or delays calls."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, Final, NamedTuple

import httpx
from botocore.hooks import BaseEventHooks
from botocore.model import OperationModel
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from core.aws.client import Connection

_XML: Final = {"s3", "sts", "iam", "sns"}
"""Services whose answers are XML."""
_CREDENTIAL: Final = re.compile(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/")
_MARK: Final = "X-Operation"
_HOP_BY_HOP: Final = {"connection", "content-encoding", "transfer-encoding"}


class Call(NamedTuple):
    """A call as the proxy sees it; `text` has method, path, operation and body, and at the end the
    operation in brackets where the client marks its calls (`mark_calls`)."""

    text: str
    forward: Callable[[], "Answer"]
    access_key: str = ""
    service: str = ""
    """By the call's signature, as IAM calls it; both empty for a call without one."""
    inference_id: str = ""
    """Of an invocation."""


class Answer(NamedTuple):
    """What the proxy answers; None as body breaks the connection instead."""

    status: int
    body: bytes | None
    headers: tuple[tuple[str, str], ...] = ()


Fault = Callable[[Call], Answer]


@dataclass
class FaultyAws:
    """Which calls fail, by a part of their text, and how."""

    connection: Connection
    faults: dict[str, Fault] = field(default_factory=dict)

    def fault_of(self, call: Call) -> Fault | None:
        """The first fault that stands for the call."""
        return next((fault for part, fault in self.faults.items() if part in call.text), None)


def refuse(status: int, code: str, message: str = "No.") -> Fault:
    """An answer of AWS that says no, in the form of the service that is asked."""
    body = json.dumps({"__type": code, "Message": message, "message": message}).encode()
    headers = (("x-amzn-ErrorType", code), ("Content-Type", "application/json"))
    in_json, in_xml = Answer(status, body, headers), refuse_in_xml(status, code, message)
    return lambda call: in_xml(call) if call.service in _XML else in_json


def refuse_in_xml(status: int, code: str, message: str = "No.", **headers: str) -> Fault:
    """The same as S3 and IAM say it, with more headers."""
    body = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error>"
    sent = (("Content-Type", "application/xml"), *headers.items())
    return lambda _call: Answer(status, f"{body}</ErrorResponse>".encode(), sent)


def mark_calls(events: BaseEventHooks) -> None:
    """Have boto3 tell with each call which operation it is; S3's calls have no other name."""

    def mark(model: OperationModel, params: dict[str, Any], **_: object) -> None:
        params["headers"][_MARK] = model.name

    events.register("before-call", mark)


def lose_answer(call: Call) -> Answer:
    """AWS takes the call, and its answer is lost."""
    call.forward()
    return Answer(0, None)


def lose_first_answer() -> Fault:
    """The answer of the first call is lost, so that boto3 sends it again."""
    calls: list[Call] = []

    def fault(call: Call) -> Answer:
        calls.append(call)
        return lose_answer(call) if len(calls) == 1 else call.forward()

    return fault


def hold(until: Event) -> Fault:
    """AWS takes the call and says nothing, until the test is over."""

    def fault(_call: Call) -> Answer:
        until.wait()
        return Answer(0, None)

    return fault


@contextmanager
def faulty_aws() -> Iterator[FaultyAws]:
    """An empty account of moto's behind the proxy."""
    moto = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    url = f"http://{host}:{port}"
    httpx.post(f"{url}/moto-api/reset", trust_env=False).raise_for_status()
    connection = Connection(
        url=url, access_key="testing", secret_key=SecretStr("testing"), region="eu-west-1"
    )
    with faulty(connection) as aws:
        yield aws
    moto.stop()


@contextmanager
def faulty(connection: Connection) -> Iterator[FaultyAws]:
    """What that connection leads to, behind the proxy."""
    upstream = httpx.Client(base_url=str(connection.url), trust_env=False, timeout=60)
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    proxy.daemon_threads = True
    aws = FaultyAws(connection.model_copy(update={"url": f"http://127.0.0.1:{proxy.server_port}"}))
    proxy.RequestHandlerClass = _handler(aws, upstream)
    thread = Thread(target=proxy.serve_forever, daemon=True)
    thread.start()
    yield aws
    proxy.shutdown()
    proxy.server_close()
    thread.join()
    upstream.close()


def _handler(aws: FaultyAws, upstream: httpx.Client) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer's body waits 40 ms for its headers

        def handle_call(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))

            def forward() -> Answer:
                answer = upstream.request(
                    self.command, self.path, content=body, headers=dict(self.headers)
                )
                return Answer(answer.status_code, answer.content, tuple(answer.headers.items()))

            target, mark = self.headers.get("X-Amz-Target", ""), self.headers.get(_MARK)
            text = f"{self.command} {self.path} {target} {body.decode(errors='replace')}"
            text += f" [{mark}]" * bool(mark)
            signed = _CREDENTIAL.search(self.headers.get("Authorization", ""))
            key, service = signed.groups() if signed else ("", "")
            inference_id = self.headers.get("X-Amzn-SageMaker-Inference-Id", "")
            call = Call(text, forward, key, service, inference_id)
            fault = aws.fault_of(call)
            self._answer(fault(call) if fault else forward())

        def _answer(self, answer: Answer) -> None:
            if answer.body is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            headers = {name.lower(): value for name, value in answer.headers}
            if self.command != "HEAD":
                headers["content-length"] = str(len(answer.body))
            for name in headers.keys() - _HOP_BY_HOP:
                self.send_header(name, headers[name])
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Say nothing of each call."""

    for method in ("GET", "PUT", "POST", "DELETE", "HEAD"):
        setattr(Handler, f"do_{method}", Handler.handle_call)
    return Handler
