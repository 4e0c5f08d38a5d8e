"""Owns the credentials that boto3's chain finds: had within seconds, and renewed with their files.

Whoever runs `aws sso login` or rewrites ~/.aws/credentials does not restart the dashboard.
"""

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock
from typing import Any, Final

import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import ContainerProvider, Credentials, ReadOnlyCredentials
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
)
from botocore.utils import ContainerMetadataFetcher, get_login_token_cache_directory

from core.aws.error_table import KEYS_REFUSED

log = logging.getLogger(__name__)

_FOR_SIGN_IN: Final = Config(
    retries={"mode": "standard", "total_max_attempts": 2}, connect_timeout=1, read_timeout=2
)
"""For botocore's own clients, of STS and SSO: a page may wait for what they give."""

_NO_BODY: Final = {"400", "403"}
"""What S3 answers a HEAD with whose keys it refuses."""

_VERSION: Final = "contrapposto_credentials_version"
_RENEWED: Final = "contrapposto_credentials_renewed"

Stamps = tuple[tuple[str, int, int, int], ...]


class _QuickContainerFetcher(ContainerMetadataFetcher):
    """Asks the container's own address twice within 4 seconds; botocore takes 9."""

    TIMEOUT_SECONDS = 1
    RETRY_ATTEMPTS = 2


def session_of_chain(region: str) -> botocore.session.Session:
    """A session whose clients share the chain's credentials, and try a call that was refused for
    its keys once more where the files have newer ones. Raises what botocore raises."""
    session = botocore.session.Session()
    paths = tuple(_files(session))
    credentials = RenewableCredentials(lambda: _load(region), lambda: _stamps(paths))
    session.register_component("credential_provider", _FixedProvider(credentials))
    events = session.get_component("event_emitter")
    events.register_first("before-sign", credentials.note_version)
    events.register_first("needs-retry", credentials.retry_refused)
    return session


class RenewableCredentials:
    """Stands for whatever the chain found last; botocore sees credentials like any other."""

    def __init__(
        self, load: Callable[[], Credentials | None], stamps: Callable[[], Stamps]
    ) -> None:
        self._load = load
        self._read_stamps = stamps
        self._lock = Lock()
        self._stamps = stamps()
        self._current = load()
        self._version = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._current, name)

    def get_deferred_property(self, name: str) -> Callable[[], Any]:
        """What botocore asks for with each call, of the credentials that are current then."""
        return lambda: getattr(self._current, name, None)

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """The keys to sign with. Raises BotoCoreError or ClientError where they can't be had."""
        try:
            return self._freeze()
        except (BotoCoreError, ClientError):
            if not self._renew(self._version):
                raise
            return self._freeze()

    def note_version(self, request: AWSRequest, **_: object) -> None:
        """Keep with a request which credentials sign it."""
        request.context[_VERSION] = self._version

    def retry_refused(
        self, response: Any, request_dict: dict[str, Any], **_: object
    ) -> float | None:
        """Seconds to wait before another try of a call, None where that is of no use."""
        context = request_dict["context"]
        if response is None or _RENEWED in context:
            return None
        code = response[1].get("Error", {}).get("Code")
        if code not in KEYS_REFUSED | _NO_BODY or not self._renew(context.get(_VERSION, -1)):
            return None
        context[_RENEWED] = True
        return 0.0

    def _freeze(self) -> ReadOnlyCredentials:
        current = self._current
        if current is None:
            raise NoCredentialsError
        try:
            return current.get_frozen_credentials()
        except (OSError, RuntimeError, ValueError) as error:  # a token's file, or an old answer
            provider = current.method
            raise CredentialRetrievalError(provider=provider, error_msg=str(error)) from error

    def _renew(self, version: int) -> bool:
        """Whether there are newer credentials than those of that version."""
        with self._lock:
            if version != self._version:
                return True
            stamps = self._read_stamps()
            if stamps == self._stamps:
                return False
            self._stamps = stamps
            return self._read_again()

    def _read_again(self) -> bool:
        try:
            found = self._load()
        except (BotoCoreError, ClientError, OSError, RuntimeError, ValueError) as error:
            log.warning("event=credentials_not_read error=%s", error)
            return False
        if found is None:
            return False
        self._current, self._version = found, self._version + 1
        log.info("event=credentials_renewed method=%s", found.method)
        return True


class _FixedProvider:
    """botocore's component that is asked for the credentials of a session."""

    def __init__(self, credentials: RenewableCredentials) -> None:
        self._credentials = credentials

    def load_credentials(self) -> RenewableCredentials:
        return self._credentials


def _load(region: str) -> Credentials | None:
    """What the chain finds now; a new session, as one reads its files only once."""
    session = botocore.session.Session()
    session.set_config_variable("region", region)
    session.set_default_client_config(_FOR_SIGN_IN)
    chain = session.get_component("credential_provider")
    fetcher: Any = _QuickContainerFetcher()  # its stubs name another class
    chain.insert_after(ContainerProvider.METHOD, ContainerProvider(fetcher=fetcher))
    chain.remove(ContainerProvider.METHOD)  # the first of the two
    return session.get_credentials()


def _files(session: botocore.session.Session) -> Iterator[Path]:
    """Where a user's credentials, profiles and sign-ins stand."""
    for name in ("config_file", "credentials_file"):
        yield Path(os.path.expandvars(session.get_config_variable(name))).expanduser()
    yield Path("~/.aws/sso/cache").expanduser()
    yield Path(get_login_token_cache_directory())


def _stamps(paths: tuple[Path, ...]) -> Stamps:
    """What differs after one of the files was written, or one of a folder's."""
    found = []
    for path in paths:
        for file in (path, *sorted(path.glob("*.json"))):
            try:
                stat = file.stat()
            except OSError:  # not there, or not for us
                continue
            found.append((str(file), stat.st_ino, stat.st_mtime_ns, stat.st_size))
    return tuple(found)
