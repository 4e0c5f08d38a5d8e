"""Owns the data folder of a local AWS: its lock, and the connection published in it."""

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

_LOCK_TIMEOUT_S = 0.5


@dataclass(frozen=True)
class ConnectionInfo:
    """How to reach a local AWS: its URL, its one pair of keys, its region and process id."""

    url: str
    access_key: str
    secret_key: str
    region: str
    pid: int

    def __repr__(self) -> str:
        """Leave the keys out, so that they can't reach a log."""
        return f"ConnectionInfo(url={self.url!r}, region={self.region!r}, pid={self.pid})"

    def environment(self) -> dict[str, str]:
        """The variables from which every AWS SDK and tool configures itself."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": self.region,
        }


class DataFolder:
    """One data folder, used by at most one running local AWS.

    The lock, not `endpoint.json`, tells whether one runs: the file outlives a killed process
    (and keeps the keys and the port, so that clients find the next start where the last was).
    The lock file holds the process id of the one that published its address.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: int | None = None

    def lock(self) -> bool:
        """Lock the folder; False when another process has. Creates it; its mode becomes 0700.

        Tries for half a second, because `is_running` takes the lock for a moment.
        """
        make_private(self.path)
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + _LOCK_TIMEOUT_S
        while not _try_lock(handle):
            if time.monotonic() > deadline:
                os.close(handle)
                return False
            time.sleep(0.05)
        os.truncate(handle, 0)
        self._lock = handle
        return True

    def unlock(self) -> None:
        """Release the lock; does nothing when it isn't held."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def is_running(self) -> bool:
        """Whether some process has the folder locked."""
        try:
            handle = os.open(self.path / "lock", os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            return not _try_lock(handle)
        finally:
            os.close(handle)

    def last_connection(self) -> ConnectionInfo | None:
        """What `endpoint.json` has: the running local AWS, or the last that ran here."""
        try:
            return ConnectionInfo(**json.loads((self.path / "endpoint.json").read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def active_connection(self) -> ConnectionInfo | None:
        """The local AWS that serves from this folder now; None while one starts or ends."""
        connection = self.last_connection()
        if connection and connection.pid == self._lock_owner() and self.is_running():
            return connection
        return None

    def lock_or_attach(self, timeout: float) -> ConnectionInfo | None:
        """Lock the folder (None), or return the local AWS that serves from it.

        Waits up to `timeout` s for one that is starting or ending. Raises `TimeoutError`.
        """
        deadline = time.monotonic() + timeout
        while not self.lock():
            if connection := self.active_connection():
                return connection
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.path} is in use, but no local AWS answers there")
        return None

    def publish(self, connection: ConnectionInfo) -> None:
        """Write `endpoint.json` (mode 0600); the folder must be locked."""
        if self._lock is None:
            raise RuntimeError("publish() needs the folder's lock")
        staged = self.path / "endpoint.json.new"
        staged.unlink(missing_ok=True)
        handle = os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(connection), file)
        staged.replace(self.path / "endpoint.json")
        os.pwrite(self._lock, str(connection.pid).encode(), 0)

    def unpublish(self) -> None:
        """Make `active_connection` None: this process ends, no launcher may attach to it."""
        if self._lock is not None:
            os.truncate(self._lock, 0)

    def _lock_owner(self) -> int | None:
        try:
            return int((self.path / "lock").read_text())
        except (FileNotFoundError, ValueError):
            return None


def make_private(folder: Path) -> None:
    """Create the folder; only its owner may enter it, also when it was there before."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
