"""`python -m local_aws --data DIR --port N`: serve until a signal, or until the owner is gone."""

import argparse
import logging
import os
import shlex
import signal
import sys
import threading
from pathlib import Path

from formats.version import VERSION
from local_aws.data_folder import DataFolder, Running
from local_aws.parent_watch import end_with_process, end_with_stdin

_WAIT_S = 30.0  # for one that is just starting or ending


def main() -> int:
    """Run; the exit status is 0 after an ordinary end, 2 when it could not start."""
    options = _options()
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s level=%(levelname)s logger=%(name)s %(message)s",
    )
    folder = DataFolder(options.data)
    running = folder.take(_WAIT_S)
    if running:
        _print_exports(running)
        print(f"# already running as process {running.pid}", flush=True)
        return 0
    return _serve(folder, options)


def _forget_other_clouds() -> None:
    """moto stands on boto3, which must neither stumble over what this user has set up for AWS nor
    use it."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull


def _serve(folder: DataFolder, options: argparse.Namespace) -> int:
    _forget_other_clouds()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if options.owner_stdin:
        end_with_stdin(stop.set)
    if options.owner_pid:
        end_with_process(options.owner_pid, stop.set, stop)
    # Imported late: a second start on a folder, and --help, need none of it.
    from local_aws.sagemaker.instances.container import project_command  # noqa: PLC0415
    from local_aws.server import PortInUse, Server  # noqa: PLC0415

    command = shlex.split(options.container_command or "") or project_command()
    try:
        server = Server(folder, command, options.port)
    except PortInUse as error:
        print(f"local_aws: {error}", file=sys.stderr)
        return 2
    server.when_broken(stop.set)
    server.start()
    _print_exports(server.running)
    stop.wait()
    server.close()
    folder.unlock()
    if server.failure:
        print(f"local_aws: {server.failure}", file=sys.stderr)
    return 2 if server.failure else 0


def _print_exports(running: Running) -> None:
    for name, value in running.environment().items():
        print(f"export {name}={shlex.quote(value)}", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local_aws",
        description="An AWS on this machine: S3, SageMaker, and what goes with them, on one port "
        "of 127.0.0.1. Prints the variables that any AWS client needs.",
    )
    parser.add_argument("--data", type=Path, required=True, help="folder that keeps everything")
    parser.add_argument("--port", type=int, default=0, help="default: the last run's, or any")
    parser.add_argument(
        "--container-command",
        help="what starts a container, as one shell-quoted string "
        "(default: the project's own, from .venv-container)",
    )
    parser.add_argument("--owner-stdin", action="store_true", help="end when stdin closes")
    parser.add_argument("--owner-pid", type=int, help="end when this process is gone")
    parser.add_argument("--version", action="version", version=f"contrapposto {VERSION}")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
