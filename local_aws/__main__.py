"""`python -m local_aws --data DIR --port N`: serves until a signal, or until its parent ends."""

import argparse
import logging
import os
import shlex
import signal
import sys
import threading
from pathlib import Path

from formats.version import VERSION
from local_aws.data_folder import ConnectionInfo, DataFolder
from local_aws.parent_watch import stop_on_process_exit, stop_on_stdin_eof

_LOCK_WAIT_S = 30.0  # for one that is just starting or ending


def main() -> int:
    """Run; the exit status is 0 after an ordinary end, 2 when it could not start."""
    options = _options()
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s level=%(levelname)s logger=%(name)s %(message)s",
    )
    folder = DataFolder(options.data)
    connection = folder.lock_or_attach(_LOCK_WAIT_S)
    if connection:
        _print_exports(connection)
        print(f"# already running as process {connection.pid}", flush=True)
        return 0
    return _serve(folder, options)


def _isolate_aws_environment() -> None:
    """Hide the user's AWS configuration from boto3, which moto is built on."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull


def _serve(folder: DataFolder, options: argparse.Namespace) -> int:
    _isolate_aws_environment()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if options.exit_with_stdin:
        stop_on_stdin_eof(stop.set)
    if options.exit_with_pid:
        stop_on_process_exit(options.exit_with_pid, stop.set, stop)
    # Imported late: a second start on a folder, and --help, need none of it.
    from local_aws.server import PortInUse, Server  # noqa: PLC0415

    command = shlex.split(options.container_command or "")
    try:
        server = Server(folder, command or None, options.port)
    except PortInUse as error:
        print(f"local_aws: {error}", file=sys.stderr)
        return 2
    server.on_startup_error(stop.set)
    server.start()
    _print_exports(server.connection)
    stop.wait()
    server.close()
    folder.unlock()
    if server.startup_error:
        print(f"local_aws: {server.startup_error}", file=sys.stderr)
    return 2 if server.startup_error else 0


def _print_exports(connection: ConnectionInfo) -> None:
    for name, value in connection.environment().items():
        print(f"export {name}={shlex.quote(value)}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local_aws",
        description="A local AWS: S3, SageMaker and the services around them, on one port "
        "of 127.0.0.1. Prints the variables that any AWS client needs.",
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="folder that everything is stored in"
    )
    parser.add_argument("--port", type=int, default=0, help="default: the last run's, or any")
    parser.add_argument(
        "--container-command",
        help="command that starts a container, as one shell-quoted string "
        "(default: the project's own, from .venv-container)",
    )
    parser.add_argument("--exit-with-stdin", action="store_true", help="exit when stdin closes")
    parser.add_argument("--exit-with-pid", type=int, help="exit when this process has ended")
    parser.add_argument("--version", action="version", version=f"contrapposto {VERSION}")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
