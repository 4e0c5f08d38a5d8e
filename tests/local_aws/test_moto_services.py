"""What is relied on in moto, and what is said when a version of it no longer has it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local_aws.moto_services import MotoServices


def test_the_self_test_passes_and_leaves_no_trace() -> None:
    moto = MotoServices("us-east-1")
    moto.self_test()
    assert "local-aws-self-test" not in metric_names(moto)


def metric_names(moto: MotoServices) -> set[str]:
    return {found["MetricName"] for found in moto.cloudwatch.list_metrics()["Metrics"]}


def test_the_self_test_names_moto_when_it_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    moto = MotoServices("us-east-1")
    monkeypatch.setattr("local_aws.moto_services.get_backend", lambda _: {})
    with pytest.raises(RuntimeError, match=r"moto 5\..* does not do what the local AWS needs"):
        moto.self_test()


def test_a_local_aws_whose_moto_is_broken_ends_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "moto.py").write_text("raise ImportError('this is no moto')")
    with subprocess.Popen(
        [sys.executable, "-m", "local_aws", "--data", str(tmp_path / "data")],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        said = process.communicate(timeout=180)[1]
    assert process.returncode == 2
    assert "local_aws: this is no moto" in said


def test_metrics_are_forgotten_after_a_day() -> None:
    moto = MotoServices("us-east-1")
    now = time.time()
    moto.put_metrics("e", {"Old": 1.0}, now - 25 * 3600)
    moto.put_metrics("e", {"New": 1.0}, now)
    moto.remove_old_metrics(now)
    assert metric_names(moto) & {"Old", "New"} == {"New"}


def test_a_notification_to_nobody_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    MotoServices("us-east-1").publish("arn:aws:sns:us-east-1:123456789012:none", "{}")
    assert "event=notification_lost" in caplog.text
