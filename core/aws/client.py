"""Owns boto3's session and clients, and where its errors are translated."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from pydantic import SecretStr

from core.aws.credentials import session_of_chain
from core.aws.error_table import from_botocore, from_client
from core.errors import AwsUnreachable
from core.texts import aws as texts
from formats.frozen import Frozen
from formats.s3_encryption import encrypt_writes

if TYPE_CHECKING:
    from types_boto3_application_autoscaling import ApplicationAutoScalingClient
    from types_boto3_cloudwatch import CloudWatchClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client
    from types_boto3_sagemaker import SageMakerClient
    from types_boto3_sagemaker_runtime import SageMakerRuntimeClient

_CONFIG: Final = Config(
    s3={"us_east_1_regional_endpoint": "regional"},
    signature_version="s3v4",  # without it boto3 presigns in a form that has no short expiry
    retries={"mode": "standard", "max_attempts": 4},
    connect_timeout=5,
    read_timeout=60,
    max_pool_connections=32,
)

_CONFIG_FOR_URL: Final = _CONFIG.merge(
    Config(
        proxies={},
        use_fips_endpoint=False,
        use_dualstack_endpoint=False,
    )
)
"""For a URL that was given: the embedded AWS is on this host, where no proxy leads to."""

_S3_OF_URL: Final = Config(
    s3={"us_east_1_regional_endpoint": "regional", "payload_signing_enabled": False}
)
"""What is written has a checksum; without TLS boto3 would read it all once more, to sign it too."""

_ONE_TRY: Final = Config(retries={"mode": "standard", "total_max_attempts": 1})
"""For invocations: of a call that boto3 sent again, a refusal would not prove that SageMaker did
not take the first one."""

_REAL_TIME: Final = _ONE_TRY.merge(Config(read_timeout=70))
"""For invocations that wait for the answer: SageMaker gives it up after 60 s, and advises 70."""

_FOR_PAGES: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=1, read_timeout=2
)
"""A page that waits for an answer waits for 5 seconds at most, its second try included."""

_FOR_PAGES_OF_URL: Final = _FOR_PAGES.merge(Config(read_timeout=5))
"""The embedded AWS shares this host's cores with whatever generates on them."""

_BUCKET_AS_HOST: Final = Config(
    s3={"us_east_1_regional_endpoint": "regional", "addressing_style": "virtual"}
)
"""Otherwise boto3 presigns for the global host `s3.amazonaws.com`, which redirects a browser or,
for regions newer than 2019, refuses it. A bucket name with dots still goes into the path, as no
certificate covers it as a host name.
"""

_NO_USER_CONFIG: Final = {
    "profile": (None, None, None, None),
    "config_file": (None, None, os.devnull, None),
    "credentials_file": (None, None, os.devnull, None),
}
"""botocore's session variables, so that it reads no AWS_PROFILE and nothing of ~/.aws."""

_FALLBACK_REGION: Final = "us-east-1"
"""Clients need one even while the set-up page says that none is configured."""


class Connection(Frozen):
    """How boto3 reaches AWS. All None: by its own chain (environment, profile, instance role)."""

    url: str | None = None
    access_key: str | None = None
    secret_key: SecretStr | None = None
    region: str | None = None


def isolated_session() -> botocore.session.Session:
    """A session for a URL and keys that were given: what else this user has configured for AWS
    must neither break it nor be used by it."""
    return botocore.session.Session(session_vars=_NO_USER_CONFIG)


def _session(configured: boto3.Session, connection: Connection) -> boto3.Session:
    secret, region = connection.secret_key, configured.region_name or _FALLBACK_REGION
    session = isolated_session() if connection.url else None
    if not connection.url and not connection.access_key:
        session = session_of_chain(region)
    return boto3.Session(
        aws_access_key_id=connection.access_key,
        aws_secret_access_key=secret.get_secret_value() if secret else None,
        region_name=region,
        botocore_session=session,
    )


def _sign_for_the_host(builtins: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    """Sign for the region whose host is named: boto3 learns a bucket's region from a redirect,
    but in a presigned URL it then changes the host only."""
    context.setdefault("signing", {})["region"] = builtins["AWS::Region"]


def _configured_region(connection: Connection) -> str | None:
    """The region given, or AWS_REGION, which boto3 alone of AWS's tools doesn't read; None leaves
    AWS_DEFAULT_REGION and the profile's to boto3."""
    return connection.region or os.environ.get("AWS_REGION") or None


class Aws:
    """The clients that the service layer shares; they are thread-safe.

    What they write to S3 is encrypted with `kms_key`, or as the bucket says where it is empty.
    """

    def __init__(self, connection: Connection, kms_key: str = "") -> None:
        with translate_errors(texts.READING_CONFIGURATION_FAILED):
            configured = boto3.Session(
                region_name=_configured_region(connection),
                botocore_session=isolated_session() if connection.url else None,
            )
            self.session = _session(configured, connection)
        self.has_region = configured.region_name is not None
        self._url = connection.url
        self._config = _CONFIG_FOR_URL if connection.url else _CONFIG
        for_pages = _FOR_PAGES_OF_URL if connection.url else _FOR_PAGES
        self._config_for_pages = self._config.merge(for_pages)
        with translate_errors(texts.OPENING_CONNECTION_FAILED):
            self.s3 = self._s3_client(self._config)
            self.s3_for_pages = self._s3_client(self._config_for_pages)
            for client in (self.s3, self.s3_for_pages):
                encrypt_writes(client, kms_key)
            self.sagemaker: SageMakerClient = self.session.client(
                "sagemaker", endpoint_url=self._url, config=self._config
            )
            self.sagemaker_for_pages: SageMakerClient = self.session.client(
                "sagemaker", endpoint_url=self._url, config=self._config_for_pages
            )
            self.runtime: SageMakerRuntimeClient = self.session.client(
                "sagemaker-runtime", endpoint_url=self._url, config=self._config.merge(_ONE_TRY)
            )

    def real_time_runtime(self) -> "SageMakerRuntimeClient":
        """The client of invocations that wait for the container's answer."""
        return self.session.client(
            "sagemaker-runtime", endpoint_url=self._url, config=self._config.merge(_REAL_TIME)
        )

    def _s3_client(self, config: Config) -> "S3Client":
        """S3 by the region's own host names; a server of another name is asked as boto3 does."""
        own = config.merge(_S3_OF_URL) if self._url else config
        plain: S3Client = self.session.client("s3", endpoint_url=self._url, config=own)
        host = urlsplit(plain.meta.endpoint_url).hostname or ""
        if self._url or plain.meta.region_name not in host:
            return plain
        regional: S3Client = self.session.client("s3", config=config.merge(_BUCKET_AS_HOST))
        regional.meta.events.register_last("before-endpoint-resolution.s3", _sign_for_the_host)
        return regional

    @property
    def region(self) -> str:
        """The region in use."""
        return self.s3.meta.region_name

    def dynamodb(self, *, for_pages: bool = False) -> "DynamoDBClient":
        """The client of the job table; only the `aws` backend has one."""
        config = self._config_for_pages if for_pages else self._config
        return self.session.client("dynamodb", endpoint_url=self._url, config=config)

    def client_for_notifications(
        self, service: Literal["sns", "sqs"], *, for_pages: bool = False
    ) -> Any:
        """A client of the topic that tells of ended invocations, or of the queue behind it.
        Untyped: the stubs of SQS are no dependency."""
        config = self._config_for_pages if for_pages else self._config
        return self.session.client(service, endpoint_url=self._url, config=config)

    def service_quotas(self) -> Any:
        """The client of the account's quotas."""
        return self.session.client("service-quotas", endpoint_url=self._url, config=self._config)

    def client_for_pages(self, service: Literal["ecr", "iam", "logs", "sts"]) -> Any:
        """A client of what pages alone ask, on demand. Untyped: not all have stubs here."""
        return self.session.client(service, endpoint_url=self._url, config=self._config_for_pages)

    def autoscaling(self, *, for_pages: bool = False) -> "ApplicationAutoScalingClient":
        """The client of Application Auto Scaling, which changes instance counts."""
        config = self._config_for_pages if for_pages else self._config
        return self.session.client("application-autoscaling", endpoint_url=self._url, config=config)

    def pricing(self) -> Any:
        """The client of AWS's price list, which three regions have and which tells of all."""
        return self.session.client(
            "pricing", region_name="us-east-1", endpoint_url=self._url, config=self._config
        )

    def cloudwatch(self, *, for_pages: bool = False) -> "CloudWatchClient":
        """The client of alarms and metrics."""
        config = self._config_for_pages if for_pages else self._config
        return self.session.client("cloudwatch", endpoint_url=self._url, config=config)


@contextmanager
def translate_errors(failed: str) -> Iterator[None]:
    """Raise boto3's errors as AwsError; `failed` starts the text ('Listing the models failed')."""
    try:
        yield
    except ClientError as error:
        raise from_client(failed, error) from error
    except BotoCoreError as error:
        raise from_botocore(failed, error) from error
    except ResponseParserError as error:  # of a proxy, in no form of AWS
        raise AwsUnreachable(texts.no_answer(failed, type(error).__name__)) from error
