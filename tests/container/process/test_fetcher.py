"""Weights files from S3 to the disk: linked, downloaded, verified, evicted."""

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer
from types_boto3_s3 import S3Client

from formats.generation.result import ErrorCode
from formats.models.kinds import ModelKind
from sagemaker_container.engine.files import disk_cache
from sagemaker_container.engine.files.disk_cache import DiskCache
from sagemaker_container.engine.files.fetcher import FileFetcher
from sagemaker_container.engine.files.weights_file import WeightsFile
from sagemaker_container.errors import JobCancelled, JobError
from sagemaker_container.storage.bucket import ContainerBucket
from tests.container.conftest import BUCKET, CHECKPOINT, LORA, Store


def never() -> None:
    """Nobody cancels."""


class Bench:
    """A fetcher with its own cache, and the store it fetches from."""

    def __init__(self, store: Store, folder: Path, limit: int | None = None) -> None:
        self.store = store
        self.folder = folder
        self.cache = DiskCache(folder, limit)
        self.fetcher = FileFetcher(ContainerBucket(store.client, BUCKET), self.cache)

    def fetch(self, name: str = LORA, hashes: dict[str, str] | None = None) -> WeightsFile:
        kind = ModelKind.LORA if "lora" in name else ModelKind.CHECKPOINT
        return self.fetcher.fetch(kind, name, hashes or {}, never)

    def files(self) -> set[str]:
        return {path.name for path in self.folder.glob("*.safetensors")}


@pytest.fixture(scope="module")
def elsewhere(models: Path) -> Iterator[Store]:
    """A store that is not on this machine's disk: moto's, in memory."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client: S3Client = boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        region_name="us-east-1",
    )
    client.create_bucket(Bucket=BUCKET)
    yield Store(client)
    server.stop()


@pytest.fixture
def bench(elsewhere: Store, models: Path, tmp_path: Path) -> Bench:
    elsewhere.put_model(models / LORA)
    return Bench(elsewhere, tmp_path)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def code(error: pytest.ExceptionInfo[JobError]) -> ErrorCode:
    return error.value.code


def test_a_file_is_downloaded_once(bench: Bench, models: Path) -> None:
    first = bench.fetch()
    assert (first.tier, first.sha256) == ("S3", sha256(models / LORA))
    assert first.path.read_bytes() == (models / LORA).read_bytes()
    assert bench.fetcher.progress.bytes == (first.size, first.size)
    assert bench.fetch().tier == "disk"


def test_a_file_on_this_machine_is_shared_not_copied(store: Store, tmp_path: Path) -> None:
    bench = Bench(store, tmp_path)
    assert bench.fetch().path.stat().st_nlink > 1
    assert bench.fetcher.progress.bytes == (0, 0)


def test_a_file_without_a_hash_is_hashed_once(bench: Bench, models: Path) -> None:
    bench.store.put_model(models / LORA, "unhashed-lora.safetensors", hashed=False)
    first = bench.fetch("unhashed-lora.safetensors")
    assert first.sha256 == sha256(models / LORA)
    again = Bench(bench.store, bench.folder)
    assert again.fetch("unhashed-lora.safetensors").tier == "disk"
    wrong = {"models/Lora/unhashed-lora.safetensors": "0" * 64}
    with pytest.raises(JobError) as refused:
        again.fetch("unhashed-lora.safetensors", wrong)
    assert code(refused) is ErrorCode.MODEL_CHANGED


@pytest.mark.parametrize("content", [b"{", b"[1]", b"7", b"\xff"])
def test_known_hashes_that_cant_be_read_are_computed_anew(
    bench: Bench, models: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    bench.store.put_model(models / LORA, "unhashed-lora.safetensors", hashed=False)
    (bench.folder / "known.json").write_bytes(content)
    again = Bench(bench.store, bench.folder)
    assert "event=known_hashes_unreadable" in caplog.text
    assert again.fetch("unhashed-lora.safetensors").tier == "S3"
    caplog.clear()
    assert Bench(bench.store, bench.folder).fetch("unhashed-lora.safetensors").tier == "disk"
    assert "known_hashes_unreadable" not in caplog.text


def test_bytes_that_are_not_the_ones_promised(bench: Bench, models: Path) -> None:
    data = (models / LORA).read_bytes()
    bench.store.put("models/Lora/wrong-lora.safetensors", data, Metadata={"sha256": "0" * 64})
    with pytest.raises(JobError) as refused:
        bench.fetch("wrong-lora.safetensors")
    assert code(refused) is ErrorCode.MODEL_BROKEN
    assert bench.files() == set()


def test_a_broken_file_is_refused_by_its_start(bench: Bench, models: Path) -> None:
    bench.store.put_model(models / "broken-truncated.safetensors")
    with pytest.raises(JobError, match="upload it again"):
        bench.fetch("broken-truncated.safetensors")
    assert list(bench.folder.iterdir()) == []


def test_only_the_header_is_fetched_at_first(bench: Bench, models: Path) -> None:
    file = bench.fetcher.fetch_header(ModelKind.LORA, LORA, {})
    assert file.header == bench.fetch().header
    (bench.folder / f"{sha256(models / LORA)}.safetensors").unlink()
    bench.fetcher.fetch_header(ModelKind.LORA, LORA, {})
    assert bench.files() == set()


def test_a_sidecar_says_how_a_checkpoint_predicts(bench: Bench, models: Path) -> None:
    bench.store.put_model(models / CHECKPOINT)
    assert bench.fetch(CHECKPOINT).sidecar.prediction_type is None
    key = f"models/Stable-diffusion/{Path(CHECKPOINT).stem}.json"
    bench.store.put(key, b'{"prediction_type": "v_prediction", "beta_end": 1}')
    assert bench.fetch(CHECKPOINT).sidecar.prediction_type == "v_prediction"
    bench.store.put(key, b'{"prediction_type": "velocity"}')
    with pytest.raises(JobError, match=r"noise-v1\.json") as refused:
        bench.fetch(CHECKPOINT)
    assert code(refused) is ErrorCode.MODEL_BROKEN
    bench.store.client.delete_object(Bucket=BUCKET, Key=key)


def test_an_allowed_pickle_is_not_opened(bench: Bench) -> None:
    bench.store.put("models/embeddings/old.pt", b"a pickle")
    file = bench.fetcher.fetch(ModelKind.EMBEDDING, "old.pt", {}, never)
    assert (file.path.read_bytes(), file.header.tensors) == (b"a pickle", {})


def test_the_oldest_file_goes_when_the_cache_is_full(bench: Bench, models: Path) -> None:
    for name in (CHECKPOINT, "tiny-noise-v2.safetensors"):
        bench.store.put_model(models / name)
    small = Bench(bench.store, bench.folder, limit=10_000_000)
    first = small.fetch(CHECKPOINT)
    small.fetcher.begin_job()
    small.fetch()
    small.fetch("tiny-noise-v2.safetensors")
    assert not first.path.exists()
    assert len(small.files()) == 2


def test_a_cache_that_one_job_fills_refuses(bench: Bench, models: Path) -> None:
    for name in (CHECKPOINT, "tiny-noise-v2.safetensors"):
        bench.store.put_model(models / name)
    small = Bench(bench.store, bench.folder, limit=10_000_000)
    small.fetch(CHECKPOINT)
    with pytest.raises(JobError) as refused:
        small.fetch("tiny-noise-v2.safetensors")
    assert code(refused) is ErrorCode.DISK_FULL
    assert len(small.files()) == 1


def test_a_full_volume_refuses(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    total = shutil.disk_usage(bench.folder).total
    monkeypatch.setattr(disk_cache, "RESERVE_BYTES", total)
    with pytest.raises(JobError) as refused:
        bench.fetch()
    assert code(refused) is ErrorCode.DISK_FULL


def test_partial_files_of_a_crash_are_deleted(bench: Bench) -> None:
    left = bench.cache.partial_path()
    DiskCache(bench.folder)
    assert not left.exists()


def test_a_download_can_be_cancelled(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def cancel() -> None:
        raise JobCancelled

    monkeypatch.setattr("sagemaker_container.storage.bucket._CHECK_SECONDS", 0)
    with pytest.raises(JobCancelled):
        bench.fetcher.fetch(ModelKind.LORA, LORA, {}, cancel)
    assert bench.files() == set()
    assert bench.fetch().tier == "S3"
