"""Starting and ending: the command line, the launcher, the parent, the leftovers."""

import json
import os
import shlex
import signal
import socket
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from formats.version import VERSION
from local_aws.data_folder import ConnectionInfo, DataFolder
from local_aws.launcher import launch
from tests.local_aws.conftest import STUB, start, until

COMMAND = (sys.executable, "-m", "local_aws")


@contextmanager
def by_hand(data: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """`python -m local_aws` with what it exports; ended by SIGINT."""
    with subprocess.Popen(
        [*COMMAND, "--data", str(data), "--container-command", shlex.join(STUB), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        try:
            lines = [process.stdout.readline() for _ in range(4)]
            yield process, dict(line.removeprefix("export ").strip().split("=") for line in lines)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_by_hand_it_prints_four_exports_and_a_second_start_the_same(tmp_path: Path) -> None:
    with by_hand(tmp_path) as (process, exported):
        assert list(exported) == [
            "AWS_ENDPOINT_URL",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_DEFAULT_REGION",
        ]
        assert exported["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
        second = subprocess.run(
            [*COMMAND, "--data", str(tmp_path)], capture_output=True, text=True, check=True
        )
        assert [f"export {k}={v}" for k, v in exported.items()] == second.stdout.splitlines()[:4]
        found = json.loads((tmp_path / "endpoint.json").read_text())
        assert (found["url"], found["pid"]) == (exported["AWS_ENDPOINT_URL"], process.pid)
        assert stat.S_IMODE((tmp_path / "endpoint.json").stat().st_mode) == 0o600
    assert process.returncode == 0


def test_it_attaches_to_the_one_that_runs_and_leaves_it(tmp_path: Path) -> None:
    with launch(tmp_path, container_command=STUB) as first:
        with launch(tmp_path) as second:
            assert (second.attached, second.pid, second.url) == (True, first.pid, first.url)
            assert second.environment() == first.environment()
        assert is_alive(first.pid)
    assert not is_alive(first.pid)


def test_of_several_at_once_one_runs_and_the_others_attach(tmp_path: Path) -> None:
    with ThreadPoolExecutor() as pool:
        futures = [pool.submit(launch, tmp_path, container_command=STUB) for _ in range(3)]
        found = [future.result() for future in futures]
    assert len({aws.pid for aws in found}) == 1
    assert sorted(aws.attached for aws in found) == [False, True, True]
    for aws in found:
        aws.close()


def test_nobody_attaches_to_one_that_is_ending(tmp_path: Path) -> None:
    ending = start(tmp_path)
    ending.deploy(environment={"STUB_STUBBORN": "1"})
    os.kill(ending.aws.pid, signal.SIGTERM)
    until(lambda: DataFolder(tmp_path).active_connection() is None)
    assert DataFolder(tmp_path).is_running()
    with launch(tmp_path, container_command=STUB) as following:
        assert not following.attached
        assert following.pid != ending.aws.pid
    ending.aws.close()


def test_keys_and_port_stay_the_same_over_restarts(tmp_path: Path) -> None:
    with launch(tmp_path, container_command=STUB) as first:
        before = first.environment()
    with launch(tmp_path, container_command=STUB) as second:
        assert second.environment() == before
        assert second.pid != first.pid


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(RuntimeError, match=f"port {port} of 127.0.0.1 is in use"):
            launch(tmp_path, port=port)


def test_version_and_help_need_nothing() -> None:
    asked = [*COMMAND, "--version"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert said == f"contrapposto {VERSION}\n"


def test_the_launcher_imports_the_standard_library_alone() -> None:
    program = """
        import sys
        before = set(sys.modules)
        import local_aws.launcher
        new = {name.partition(".")[0] for name in set(sys.modules) - before}
        print(*(new - set(sys.stdlib_module_names)))
    """
    said = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["local_aws"]


def test_keys_do_not_show_when_it_is_printed() -> None:
    assert "secret" not in repr(ConnectionInfo("http://x", "AK", "secret", "us-east-1", 1))


def test_one_process_at_a_time_has_a_folder(tmp_path: Path) -> None:
    first, second = DataFolder(tmp_path / "d"), DataFolder(tmp_path / "d")
    assert not first.is_running()
    assert first.lock()
    assert second.is_running()
    assert not second.lock()
    with pytest.raises(TimeoutError, match="in use"):
        second.lock_or_attach(0.1)
    connection = ConnectionInfo("http://127.0.0.1:1", "AK", "secret", "us-east-1", os.getpid())
    first.publish(connection)
    assert second.lock_or_attach(1) == second.active_connection() == connection
    first.unpublish()
    assert second.active_connection() is None
    first.unlock()
    assert second.lock_or_attach(1) is None
    second.unlock()


PARENT = """
    import sys, time
    from pathlib import Path
    from local_aws.launcher import launch
    aws = launch(Path(sys.argv[1]), container_command=sys.argv[2:])
    print(aws.pid, flush=True)
    time.sleep(600)
"""


def test_it_ends_with_a_parent_that_is_killed_and_takes_its_containers_along(
    tmp_path: Path,
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PARENT), str(tmp_path), *STUB],
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        cloud = start(tmp_path)  # attached: somebody else's
        container = cloud.output(cloud.submit(cloud.deploy()))["pid"]
        parent.kill()
    until(lambda: not is_alive(container) and not is_alive(pid))


def test_no_container_outlives_a_local_aws_that_is_killed(tmp_path: Path) -> None:
    cloud = start(tmp_path)
    name = cloud.deploy(InitialInstanceCount=2, slots=1)
    go = tmp_path / "go"
    submitted = [cloud.submit(name, {"until": str(go)}) for _ in range(2)]
    until(lambda: cloud.begun(name) == 2)
    go.touch()
    containers = {cloud.output(each)["pid"] for each in submitted}
    assert len(containers) == 2
    os.kill(cloud.aws.pid, signal.SIGKILL)
    until(lambda: not any(map(is_alive, containers)))
    cloud.aws.close()


def test_a_process_given_by_its_process_id(tmp_path: Path) -> None:
    with (
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as parent,
        by_hand(tmp_path, "--exit-with-pid", str(parent.pid)) as (process, _),
    ):
        parent.kill()
        parent.wait()
        assert process.wait(60) == 0
