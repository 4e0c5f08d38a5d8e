"""Runs moto for the other AWS services, in memory: DynamoDB, CloudWatch, SNS, STS and more.

This module is the only one that knows moto. What it relies on, beyond moto's wire protocol:
1. `DomainDispatcherApplication` with `get_application`, and `create_backend_app`, which make a WSGI
   application of moto;
2. the list `metric_data` of its CloudWatch backend, which moto never shortens by itself;
3. that its CloudWatch takes metrics of the `AWS/` namespaces.
`self_test` tries these at start-up and says so when a version of moto no longer has them.
"""

import io
import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from local_aws.arns import ACCOUNT_ID
from local_aws.http.errors import UnknownOperation
from local_aws.http.messages import Response

# The loopback port is no website: no origin needs to be let in (read when moto is imported).
os.environ.setdefault("MOTO_DISABLE_GLOBAL_CORS", "1")

import boto3
import moto
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from moto.backends import get_backend
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    create_backend_app,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_sns import SNSClient

_logger = logging.getLogger(__name__)

_NO_ROUTE = {404, 405}
_METRICS_RETENTION = timedelta(hours=24)
_SAGEMAKER = "AWS/SageMaker"
_LOG_GROUP = "/aws/sagemaker/Endpoints/"
_MOST_LOG_LINES = 5_000  # of one stream; then it begins anew, as it is kept in memory
_PROBE = "local-aws-self-test"


class MotoServices:
    """moto as a WSGI application, and clients that reach it in this process without a network."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._application = DomainDispatcherApplication(create_backend_app)
        self._session = boto3.Session("in-process", "in-process", region_name=region)
        # A handler of before-send may return the response, which the type stubs do not know.
        self._session.events.register("before-send", self._send)  # type: ignore[arg-type]
        self._client_options: dict[str, Any] = {
            "endpoint_url": "http://127.0.0.1",
            "config": Config(retries={"max_attempts": 0}),
        }
        self._log_lines: Counter[tuple[str, str]] = Counter()

    def handle(self, environ: "WSGIEnvironment") -> Response:
        """Answer one request. Raises `UnknownOperation` for what moto hasn't."""
        started: list[Any] = []

        def start_response(*arguments: Any) -> Callable[[bytes], object]:
            started.extend(arguments)
            return lambda _: None

        application = self._find_application(environ)
        try:
            body = b"".join(application(environ, start_response))
        except NotImplementedError as error:
            raise UnknownOperation(f"The local AWS doesn't have it: {error}") from error
        headers = {name: value for name, value in started[1] if name.lower() != "content-length"}
        if int(started[0].split()[0]) in _NO_ROUTE and body.startswith(b"<!doctype html>"):
            raise UnknownOperation(f"The local AWS has no {environ['PATH_INFO']}.")
        return Response(int(started[0].split()[0]), headers, body)

    def _find_application(self, environ: "WSGIEnvironment") -> "WSGIApplication":
        """moto's application of the service. Raises `UnknownOperation` for one it hasn't."""
        try:
            found: WSGIApplication = self._application.get_application(environ)
        except (AttributeError, ImportError, KeyError) as error:  # moto looks for its name, None
            raise UnknownOperation("The local AWS doesn't have this service.") from error
        return found

    @cached_property
    def cloudwatch(self) -> "CloudWatchClient":
        """A client of this process's CloudWatch."""
        return self._session.client("cloudwatch", **self._client_options)

    @cached_property
    def _sns(self) -> "SNSClient":
        return self._session.client("sns", **self._client_options)

    @cached_property
    def _logs(self) -> Any:
        """Untyped: the stubs of CloudWatch Logs are no dependency."""
        return self._session.client("logs", **self._client_options)

    def publish(self, topic: str, message: str) -> None:
        """Send a notification to an SNS topic; a topic that isn't there is only logged."""
        try:
            self._sns.publish(TopicArn=topic, Message=message)
        except self._sns.exceptions.ClientError as error:
            _logger.warning("event=notification_lost topic=%s error=%r", topic, str(error))

    def put_metrics(self, endpoint: str, values: Mapping[str, float], now: float) -> None:
        """Publish metrics of an endpoint, as SageMaker does under AWS/SageMaker."""
        self.put_metrics_of(_SAGEMAKER, {"EndpointName": endpoint}, values, now)

    def put_metrics_of(
        self,
        namespace: str,
        dimensions: Mapping[str, str],
        values: Mapping[str, float],
        now: float,
    ) -> None:
        """Publish metrics under any namespace and dimensions."""
        self.cloudwatch.put_metric_data(
            Namespace=namespace,
            MetricData=[
                {
                    "MetricName": name,
                    "Dimensions": [{"Name": key, "Value": dimensions[key]} for key in dimensions],
                    "Timestamp": datetime.fromtimestamp(now, UTC),
                    "Value": value,
                }
                for name, value in values.items()
            ],
        )

    def put_log_lines(self, endpoint: str, stream: str, lines: Sequence[str], now: float) -> None:
        """Write lines of an endpoint's container to the log group that SageMaker has for it."""
        group, key = _LOG_GROUP + endpoint, (endpoint, stream)
        names = {"logGroupName": group, "logStreamName": stream}
        lines = lines[-_MOST_LOG_LINES:]
        if self._log_lines[key] and self._log_lines[key] + len(lines) > _MOST_LOG_LINES:
            self._logs.delete_log_stream(**names)
            del self._log_lines[key]
        if not self._log_lines[key]:
            exists = self._logs.exceptions.ResourceAlreadyExistsException
            with suppress(exists):
                self._logs.create_log_group(logGroupName=group)
            with suppress(exists):
                self._logs.create_log_stream(**names)
        events = [{"timestamp": int(now * 1000), "message": line} for line in lines]
        self._logs.put_log_events(**names, logEvents=events)
        self._log_lines[key] += len(lines)

    def remove_old_metrics(self, now: float) -> None:
        """Remove metrics older than a day; CloudWatch's 15 days would only fill the memory."""
        oldest = datetime.fromtimestamp(now, UTC).replace(tzinfo=None) - _METRICS_RETENTION
        data = self._metric_data()
        data[:] = [datum for datum in data if datum.timestamp is None or datum.timestamp > oldest]

    def self_test(self) -> None:
        """Try everything relied on. Raises `RuntimeError` when this version of moto lacks some."""
        now = time.time()
        try:
            self.put_metrics(_PROBE, {_PROBE: 1.0}, now)
            points = self.cloudwatch.get_metric_statistics(
                Namespace=_SAGEMAKER,
                MetricName=_PROBE,
                Dimensions=[{"Name": "EndpointName", "Value": _PROBE}],
                StartTime=datetime.fromtimestamp(now - 60, UTC),
                EndTime=datetime.fromtimestamp(now + 60, UTC),
                Period=60,
                Statistics=["Maximum"],
            )["Datapoints"]
            if [point["Maximum"] for point in points] != [1.0]:
                raise RuntimeError(f"CloudWatch answered {points}")
            self.remove_old_metrics(now)
            data = self._metric_data()
            data[:] = [datum for datum in data if datum.name != _PROBE]
        except Exception as error:
            raise RuntimeError(
                f"moto {moto.__version__} does not do what the local AWS needs of it ({error!r}); "
                "install the version that requirements name"
            ) from error

    def _metric_data(self) -> list[Any]:
        data: list[Any] = get_backend("cloudwatch")[ACCOUNT_ID][self._region].metric_data
        return data

    def _send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        """Answer a client's request with moto instead of the network (botocore's before-send)."""
        response = self.handle(_to_environ(request))
        headers = HTTPHeaders()
        for name, value in response.headers.items():
            headers[name] = value
        return AWSResponse(request.url, response.status, headers, _RawBody(response.body))


class _RawBody(io.BytesIO):
    """The body as urllib3's responses hand it out."""

    def stream(self, **_: Any) -> Iterable[bytes]:
        """The whole body at once."""
        yield self.read()


def _to_environ(request: AWSPreparedRequest) -> "WSGIEnvironment":
    """A WSGI environment of a request that botocore has signed."""
    address = urlsplit(request.url)
    content: Any = request.body or b""  # the query protocol's is text, whatever the stubs say
    body: bytes = content.encode() if isinstance(content, str) else content
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": address.path or "/",
        "QUERY_STRING": address.query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        text = value.decode() if isinstance(value, bytes) else value
        environ[key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"] = text
    environ["CONTENT_LENGTH"] = str(len(body))
    return environ
