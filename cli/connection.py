"""Opens the AWS that the settings name; the embedded one is started, or attached to."""

import importlib.util
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import SecretStr

from core.aws.client import Aws, Connection
from core.aws.storage import Storage
from core.errors import ConfigurationError
from core.settings import Settings, load_settings
from core.setup.service import Setup
from core.team.access import Access, allow_all
from core.texts import setup as texts


@contextmanager
def opened() -> Iterator[tuple[Settings, Aws]]:
    """The settings of the environment and their AWS. Raises ConfigurationError, AwsError."""
    settings = load_settings()
    logging.basicConfig(level=logging.WARNING)
    if not settings.embedded:
        yield settings, Aws(Connection(region=settings.region or None))
        return
    with _embedded(settings) as connection:
        aws = Aws(connection)
        storage = Storage(aws, settings.bucket)
        if not storage.exists():
            Setup(aws, storage, settings, Access(allow_all)).create_bucket()
        yield settings, aws


@contextmanager
def _embedded(settings: Settings) -> Iterator[Connection]:
    """A dashboard's embedded AWS on the same folder is used with it."""
    if not all(importlib.util.find_spec(name) for name in ("local_aws", "moto", "flask")):
        raise ConfigurationError(texts.NO_EMBEDDED_AWS)
    from local_aws.launcher import launch  # noqa: PLC0415 - the hosted image has none

    command = (str(settings.container_python), "-m", "sagemaker_container", "serve")
    try:
        local = launch(settings.data, container_command=command)
    except RuntimeError as error:
        raise ConfigurationError(str(error)) from error
    with local as aws:
        yield Connection(
            url=aws.url,
            access_key=aws.access_key,
            secret_key=SecretStr(aws.secret_key),
            region=aws.region,
        )
