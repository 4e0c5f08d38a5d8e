"""What a container writes is in its endpoint's log group, whole lines, each once."""

import sys
import time
from pathlib import Path

import pytest

from local_aws import moto_services
from local_aws.moto_services import MotoServices
from local_aws.sagemaker.instances.container import Container, ContainerSpec
from local_aws.sagemaker.instances.container_logs import ContainerLogs, LogLines


@pytest.fixture
def log(tmp_path: Path) -> Path:
    folder = tmp_path / "team" / "logs"
    folder.mkdir(parents=True)
    return folder / "main-1.log"


def found(logs: ContainerLogs) -> list[tuple[str, ...]]:
    return [lines.lines for lines in logs.new_lines()]


def test_each_whole_line_comes_once(tmp_path: Path, log: Path) -> None:
    logs = ContainerLogs(tmp_path)
    for data, lines in (
        (b"one\n\ntwo\nth", [("one", "two")]),
        (b"one\n\ntwo\nth", []),
        (b"one\n\ntwo\nthree \xff\n", [("three \N{REPLACEMENT CHARACTER}",)]),
        (b"new\n", [("new",)]),  # rotated
    ):
        log.write_bytes(data)
        assert found(logs) == lines
    log.unlink()
    assert found(logs) == []


def test_of_an_old_file_the_end_is_read(tmp_path: Path, log: Path) -> None:
    log.write_bytes(b"x" * 99 + b"\n" + b"y" * 65_535 + b"\n")
    assert found(ContainerLogs(tmp_path)) == [("y" * 65_535,)]
    assert next(ContainerLogs(tmp_path).new_lines()) == LogLines("team", "main/1", ("y" * 65_535,))


def test_its_last_line_is_known_when_the_log_is_gone(tmp_path: Path, log: Path) -> None:
    """As it is where an endpoint is deleted while an invocation runs."""
    last_words = (sys.executable, "-c", "print('one'); print('out of memory'); raise SystemExit(9)")
    container = Container(ContainerSpec(last_words, {}, tmp_path, log), lambda: None)
    assert container.exited.wait(60)
    container.stop(0)
    log.unlink()
    assert "it exited with status 9: out of memory" in container.exit_summary()


def test_a_stream_is_kept_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moto_services, "_MOST_LOG_LINES", 3)
    moto = MotoServices("us-east-1")
    for lines in (("a", "b"), ("c",), ("d", "e", "f", "g")):
        moto.put_log_lines("bounds", "main/1", lines, time.time())
    events = moto._logs.filter_log_events(logGroupName="/aws/sagemaker/Endpoints/bounds")["events"]
    assert [event["message"] for event in events] == ["e", "f", "g"]
