"""Whatever breaks off - the process, the server, the connection, a part - the same bytes arrive."""

import hashlib
import json
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from core.aws.client import Connection
from core.errors import AwsUnreachable
from core.ids import utc_now
from core.models.uploads.records import Upload, UploadStage
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from formats.models.kinds import ModelKind
from local_aws.launcher import LocalAws, launch
from tests.core.models.uploads import sending_process
from tests.core.models.uploads.conftest import PART, PARTS, finished, only, settled, stored
from tests.support.faulty_aws import Answer, Call, Fault, faulty, refuse_in_xml
from tests.support.helpers import ROOT, wait_for


@contextmanager
def sending(
    connection: Connection, settings: Settings, **told: Any
) -> Iterator[tuple[subprocess.Popen[str], Iterator[Upload]]]:
    """A dashboard in a process of its own, and the uploads as it tells of them."""
    secret = connection.secret_key.get_secret_value() if connection.secret_key else ""
    kept = {"data": str(settings.data), "bucket": settings.bucket}
    shared = {**connection.model_dump(), "secret_key": secret}
    line = json.dumps({"connection": shared, "settings": kept, **told})
    with subprocess.Popen(
        [sys.executable, "-m", sending_process.__name__],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(line + "\n")
        process.stdin.flush()
        try:
            yield process, map(Upload.model_validate_json, process.stdout)
        finally:
            process.kill()


def test_a_dashboard_that_is_killed_half_way_goes_on_by_itself(
    connection: Connection, settings: Settings, lora: Path
) -> None:
    with sending(connection, settings, path=str(lora), seconds=0.2) as (process, told):
        assert any(upload.parts_done >= PARTS // 2 for upload in told)
        process.send_signal(signal.SIGKILL)
        process.wait()
    with open_studio(settings, connection) as studio:
        stored_at_kill = len(parts_of(studio, only(studio)))
        assert studio.storage.head(only(studio).key) is None
        (upload,) = settled(studio)
        assert upload.stage is UploadStage.DONE
        assert upload.parts_skipped in (stored_at_kill, stored_at_kill - 1)
        assert stored(studio, lora.name) == lora.read_bytes()
        assert studio.uploads._targets.multipart.pending("models/") == ()


def parts_of(studio: Studio, upload: Upload) -> dict[int, Any]:
    multipart = studio.uploads._targets.multipart
    return multipart.parts(upload.key, upload.multipart_id) if upload.multipart_id else {}


def test_a_dashboard_that_is_closed_goes_on_after_the_next_start(
    connection: Connection, settings: Settings, lora: Path
) -> None:
    with open_studio(settings, connection) as studio:
        hold_parts(studio, after=3)
        studio.uploads.start_paths(LOCAL, [str(lora)], None)
        wait_for(lambda: only(studio).parts_done >= 1)
    with open_studio(settings, connection) as studio:
        (upload,) = settled(studio)
        assert upload.stage is UploadStage.DONE
        assert upload.parts_skipped >= 1
        assert stored(studio, lora.name) == lora.read_bytes()


def on_parts(studio: Studio, act: Callable[[int], None]) -> None:
    """Do something before each part that this dashboard sends, told how many were before it."""
    sent: list[int] = []

    def note(**_: object) -> None:
        sent.append(1)
        act(len(sent) - 1)

    studio.uploads._targets.multipart._s3.meta.events.register("before-call.s3.UploadPart", note)


def hold_parts(studio: Studio, after: int) -> None:
    """Let parts after so many of them wait until the upload is told to stop, for once."""
    released = Event()

    def wait(before: int) -> None:
        if before >= after and not released.is_set():
            runner = studio.uploads._runner
            wait_for(lambda: all(live.stop.is_set() for live in runner._live.values()), 30)
            released.set()

    on_parts(studio, wait)


def test_the_embedded_aws_is_restarted_on_the_way(
    tmp_path: Path, settings: Settings, lora: Path
) -> None:
    folder = tmp_path / "aws"
    with ExitStack() as servers:
        first = servers.enter_context(launch(folder))
        connection = connection_to(first)
        with open_studio(settings, connection) as studio:

            def restart(before: int) -> None:
                if before == PARTS // 2:
                    assert first._process
                    first._process.kill()
                    first._process.wait()
                    servers.enter_context(launch(folder, port=port_of(first)))

            on_parts(studio, restart)
            (upload,) = finished(studio, [lora])
            assert (upload.stage, upload.parts_done) == (UploadStage.DONE, PARTS)
            assert stored(studio, lora.name) == lora.read_bytes()


def connection_to(aws: LocalAws) -> Connection:
    return Connection(
        url=aws.url,
        access_key=aws.access_key,
        secret_key=SecretStr(aws.secret_key),
        region=aws.region,
    )


def port_of(aws: LocalAws) -> int:
    return urlsplit(aws.url).port or 0


PART_5 = "&partNumber=5 "
"""What the call that sends it has, and no other."""


def first(times: int, fault: Fault, calls: list[Call]) -> Fault:
    """That fault for the first so many calls, and then AWS's own answer."""

    def act(call: Call) -> Answer:
        calls.append(call)
        return fault(call) if len(calls) <= times else call.forward()

    return act


def cut(_call: Call) -> Answer:
    """The connection ends without an answer."""
    return Answer(0, None)


@pytest.mark.parametrize("times", [1, 6])
def test_a_connection_that_is_cut_is_opened_again(
    connection: Connection, settings: Settings, lora: Path, times: int
) -> None:
    """boto3 tries four times; beyond that the upload itself waits and goes on."""
    with faulty(connection) as aws, open_studio(settings, aws.connection) as studio:
        calls: list[Call] = []
        aws.faults[PART_5] = first(times, cut, calls)
        (upload,) = finished(studio, [lora])
        assert len(calls) == times + 1
        assert upload.stage is UploadStage.DONE
        assert stored(studio, lora.name) == lora.read_bytes()


@pytest.mark.parametrize(("times", "says"), [(1, ""), (2, "Part 5 of large.safetensors")])
def test_a_damaged_part_is_sent_again_and_then_fails_by_its_name(
    connection: Connection, settings: Settings, lora: Path, times: int, says: str
) -> None:
    damaged = refuse_in_xml(400, "BadDigest")
    with faulty(connection) as aws, open_studio(settings, aws.connection) as studio:
        calls: list[Call] = []
        aws.faults[PART_5] = first(times, damaged, calls)
        (upload,) = finished(studio, [lora])
        assert len(calls) == 2
        assert says in upload.message
        assert upload.stage is (UploadStage.FAILED if says else UploadStage.DONE)
        assert (studio.storage.head(upload.key) is None) is bool(says)
        if says:
            studio.uploads.retry(LOCAL, upload.id)
            (upload,) = settled(studio)
        assert upload.stage is UploadStage.DONE
        assert stored(studio, lora.name) == lora.read_bytes()


def test_a_part_that_changes_on_its_way_is_refused_by_s3(studio: Studio, lora: Path) -> None:
    """The file is written to after it was hashed."""

    def write(before: int) -> None:
        if not before:
            with lora.open("r+b") as file:
                file.seek(7 * PART + 5)
                file.write(b"x")

    on_parts(studio, write)
    (upload,) = finished(studio, [lora])
    assert upload.stage is UploadStage.FAILED
    assert (
        upload.message
        == "large.safetensors changed while it was sent. Retry once nothing writes to it."
    )
    assert studio.storage.head(upload.key) is None


def test_an_object_whose_hash_could_not_be_noted_is_read_back(
    studio: Studio, lora: Path, sent_parts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was hashed while it was sent, and is no model before the hash is in its record."""
    noted, calls = studio.models.verified, list[str]()

    def note(key: str, *known: str) -> None:
        calls.append(key)
        if len(calls) == 1:
            assert studio.storage.head(key) is not None
            raise AwsUnreachable("away")
        noted(key, *known)

    monkeypatch.setattr(studio.models, "verified", note)
    (upload,) = finished(studio, [lora])
    assert (upload.stage, len(calls)) == (UploadStage.DONE, 2)
    assert sorted(sent_parts) == list(range(1, PARTS + 1))
    model = studio.models.find(LOCAL, ModelKind.LORA, lora.name)
    assert model
    assert (model.problem, model.sha256) == (None, hashlib.sha256(lora.read_bytes()).hexdigest())


def test_a_part_of_other_bytes_in_s3_is_sent_again(
    connection: Connection, settings: Settings, lora: Path
) -> None:
    with open_studio(settings, connection) as studio:
        hold_parts(studio, after=3)
        studio.uploads.start_paths(LOCAL, [str(lora)], None)
        wait_for(lambda: only(studio).parts_done >= 2)
        studio.uploads.pause(LOCAL, only(studio).id)
        wait_for(lambda: only(studio).stage is UploadStage.PAUSED)
        other, multipart = bytes(PART), studio.uploads._targets.multipart
        checksum = b64encode(hashlib.sha256(other).digest()).decode()
        multipart.send(only(studio).key, only(studio).multipart_id, 1, BytesIO(other), checksum)
        studio.uploads.resume(LOCAL, only(studio).id)
        wait_for(lambda: only(studio).stage is not UploadStage.PAUSED)
        (upload,) = settled(studio)
        assert (upload.stage, upload.parts_skipped >= 1) == (UploadStage.DONE, True)
        assert stored(studio, lora.name) == lora.read_bytes()


def test_two_dashboards_never_work_on_one_upload(
    connection: Connection, settings: Settings, lora: Path
) -> None:
    with open_studio(settings, connection) as one, open_studio(settings, connection) as other:
        hold_parts(one, after=3)
        one.uploads.start_paths(LOCAL, [str(lora)], None)
        wait_for(lambda: only(one).parts_done >= 1)
        other.uploads._runner._look()
        assert other.uploads._runner.live() == {}
        assert only(other).worker == one.uploads._records.me
        other.uploads.pause(LOCAL, only(other).id)
        wait_for(lambda: only(one).stage is UploadStage.PAUSED)
        other.uploads.resume(LOCAL, only(other).id)
        (upload,) = settled(other)
        assert upload.stage is UploadStage.DONE
        assert stored(other, lora.name) == lora.read_bytes()


def taken_over(one: Studio, other: Studio) -> bool:
    """Whether the other has the upload; until then the lease of the first ends now."""
    past = utc_now() - timedelta(seconds=1)

    def end(found: Upload) -> Upload | None:
        is_first = found.worker == one.uploads._records.me
        return found.model_copy(update={"lease_until": past}) if is_first else None

    other.uploads._runner.wake()
    found = one.uploads._records.change(only(one), end)
    return found is not None and found.worker != one.uploads._records.me


def test_a_lease_that_ended_is_taken_over_and_the_slow_one_stops(
    connection: Connection, settings: Settings, lora: Path
) -> None:
    with open_studio(settings, connection) as one:
        hold_parts(one, after=3)
        one.uploads.start_paths(LOCAL, [str(lora)], None)
        wait_for(lambda: only(one).parts_done >= 1)
        with open_studio(settings, connection) as other:
            wait_for(lambda: taken_over(one, other))
            (upload,) = settled(other)
            assert upload.stage is UploadStage.DONE
            wait_for(lambda: not one.uploads._runner.live())
            assert stored(other, lora.name) == lora.read_bytes()
            assert hashlib.sha256(lora.read_bytes()).hexdigest() == upload.sha256
