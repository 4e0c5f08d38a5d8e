"""Images on their way to S3: in threads, and in processes of their own as beside a GPU."""

import hashlib
import io
import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image

from formats import keys
from formats.generation.result import ErrorCode
from local_aws.launcher import LocalAws
from sagemaker_container.errors import JobError
from sagemaker_container.settings import ContainerSettings
from sagemaker_container.storage.bucket import ContainerBucket
from sagemaker_container.storage.output_store import Output, OutputStore
from tests.container.conftest import BUCKET, Store
from tests.support.helpers import wait_for

JOB = "01M82KW0B1ZSQ5JRV5KNRGBS67"
ENTRY = {"seed": 7, "variation_seed": None, "batch": 2, "seat": 1}
Open = Callable[[str, int], OutputStore]


@pytest.fixture
def opened(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens a store of a bucket, with so many processes."""
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    stores = []

    def open_store(bucket: str, processes: int) -> OutputStore:
        settings = ContainerSettings(bucket=bucket, region=aws.region)
        made = OutputStore(ContainerBucket.connect(settings), settings, processes)
        made.warm_up()
        stores.append(made)
        return made

    yield open_store
    for made in stores:
        made.close()


def output(index: int) -> Output:
    image = Image.new("RGB", (640, 320), "teal")
    return Output(JOB, image, index, "a dog\nSeed: 7", "", ENTRY)


@pytest.mark.parametrize("processes", [0, 1])
def test_an_image_is_stored_with_its_thumbnail(store: Store, opened: Open, processes: int) -> None:
    made = opened(BUCKET, processes)
    stored, thumbnail = made.store(output(processes))
    assert thumbnail.result() is None
    made.put_png(keys.map_key(JOB, processes), Image.new("RGB", (8, 8))).result()
    entry = stored.result()
    data = store.get(keys.output_key(JOB, processes))
    told: dict[str, Any] = entry.model_dump()
    assert told | ENTRY | {"index": processes, "width": 640, "height": 320} == told
    assert entry.sha256 == hashlib.sha256(data).hexdigest()
    assert Image.open(io.BytesIO(data)).info["parameters"] == entry.infotext == "a dog\nSeed: 7"
    assert Image.open(io.BytesIO(store.get(keys.thumbnail_key(JOB, processes)))).size == (256, 128)
    assert store.get(keys.map_key(JOB, processes)).startswith(b"\x89PNG")


@pytest.mark.parametrize("processes", [0, 1])
def test_what_s3_refuses_is_the_jobs_own_error(opened: Open, processes: int) -> None:
    stored, _ = opened("no-such-bucket", processes).store(output(0))
    with pytest.raises(JobError) as raised:
        stored.result()
    assert raised.value.code is ErrorCode.STORAGE
    assert raised.value.failure().message


def test_a_process_that_is_killed_is_replaced(store: Store, opened: Open) -> None:
    made = opened(BUCKET, 1)
    made.store(output(2))[0].result()
    executor: Any = made._executor
    for pid in [*executor._processes]:
        os.kill(pid, signal.SIGKILL)
    wait_for(lambda: executor._broken)
    entry = made.store(output(3))[0].result()
    assert hashlib.sha256(store.get(keys.output_key(JOB, 3))).hexdigest() == entry.sha256
