"""Compiled kernels come back from the bucket, and nothing else that may lie there does."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from ulid import ULID

from formats.keys import KERNELS, kernels_key
from sagemaker_container.engine.files import kernel_archive
from sagemaker_container.engine.files.kernel_archive import (
    WrongArchive,
    kernel_files,
    pack,
    unpack,
)
from sagemaker_container.engine.files.kernel_cache import KernelCache, triton_folder
from sagemaker_container.storage.bucket import ContainerBucket
from tests.container.conftest import BUCKET, Store

NAME = "add_kernel"


class Compiler:
    """Writes what Triton leaves for one kernel, unless it is there (its `FileCacheManager`)."""

    def __init__(self, folder: Path, key: str = "KEY7", fails_with: str = "") -> None:
        self.folder = folder / key
        self.fails_with = fails_with
        self.compiled = 0

    def __call__(self) -> None:
        group = self.folder / f"__grp__{NAME}.json"
        if group.exists():
            paths = json.loads(group.read_text())["child_paths"]
            cubin = Path(paths[f"{NAME}.cubin"]).read_text()
            if cubin == self.fails_with:
                raise RuntimeError("invalid device image")
            return
        self.compiled += 1
        self.folder.mkdir(parents=True, exist_ok=True)
        for suffix, content in {
            "json": "{}",
            "cubin": "gpu code",
            "ptx": "text",
            "so": "elf",
        }.items():
            (self.folder / f"{NAME}.{suffix}").write_text(content)
        names = [f"{NAME}.json", f"{NAME}.cubin", f"{NAME}.ptx"]
        group.write_text(
            json.dumps({"child_paths": {name: str(self.folder / name) for name in names}})
        )


class Bench:
    """One bucket and one kind of GPU, on which instances come and go."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.versions = {"gpu": str(ULID())}
        identity = json.dumps(self.versions, sort_keys=True).encode()
        self.key = kernels_key(hashlib.sha256(identity).hexdigest())
        self.folder = folder
        self.instances = 0

    def start(self, **compiler: str) -> Compiler:
        """An instance with an empty disk starts; its compiler."""
        self.instances += 1
        return self.start_in(self.folder / str(self.instances), **compiler)

    def start_in(self, folder: Path, **compiler: str) -> Compiler:
        compiling = Compiler(folder, **compiler)
        bucket = ContainerBucket(self.store.client, BUCKET)
        KernelCache(bucket, folder, self.versions).run(compiling)
        return compiling

    def put(self, data: bytes, sha256: str | None = None) -> None:
        sha256 = sha256 or hashlib.sha256(data).hexdigest()
        self.store.put(self.key, data, Metadata={"sha256": sha256})


@pytest.fixture
def bench(store: Store, tmp_path: Path) -> Bench:
    return Bench(store, tmp_path)


def archive(**files: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return made.getvalue()


def test_the_first_instance_compiles_and_the_next_does_not(bench: Bench) -> None:
    assert bench.start().compiled == 1
    second = bench.start()
    assert second.compiled == 0
    assert {path.name for path in second.folder.iterdir()} == {
        f"{NAME}.json",
        f"{NAME}.cubin",
        f"__grp__{NAME}.json",
    }


def test_another_gpu_has_kernels_of_its_own(bench: Bench, store: Store, tmp_path: Path) -> None:
    bench.start()
    assert Bench(store, tmp_path / "other").start().compiled == 1


def test_what_a_replaced_worker_finds_on_its_disk_is_not_fetched(bench: Bench) -> None:
    first = bench.start()
    bench.put(b"no archive")
    assert bench.start_in(first.folder.parent).compiled == 0


def test_kernels_of_a_newer_version_are_added(bench: Bench) -> None:
    bench.start()
    assert bench.start(key="NEWER").compiled == 1
    assert (bench.start(key="NEWER").compiled, bench.start().compiled) == (0, 0)


def test_a_kernel_that_the_gpu_refuses_is_compiled_anew(bench: Bench) -> None:
    bench.start()
    assert bench.start(fails_with="gpu code").compiled == 1


def test_a_compiler_that_fails_is_not_asked_twice(bench: Bench) -> None:
    calls: list[int] = []

    def fail() -> None:
        calls.append(1)
        raise RuntimeError("no C compiler")

    bucket = ContainerBucket(bench.store.client, BUCKET)
    with pytest.raises(RuntimeError, match="no C compiler"):
        KernelCache(bucket, bench.folder, bench.versions).run(fail)
    assert len(calls) == 1
    assert bench.key.removeprefix(KERNELS) not in bench.store.names(KERNELS)


def outside(tmp_path: Path) -> set[str]:
    """What lies beside the instances' folders."""
    return {path.name for path in tmp_path.iterdir() if not path.name.isdigit()}


WRONG: dict[str, Callable[[], bytes]] = {
    "no archive": lambda: b"no archive",
    "cut": lambda: archive(**{"KEY7/a.cubin": "x" * 100})[:-30],
    "a parent": lambda: archive(**{"../evil.cubin": "x"}),
    "a parent within": lambda: archive(**{"KEY7/../../evil.cubin": "x"}),
    "an absolute path": lambda: archive(**{"/evil/evil.cubin": "x"}),
    "another separator": lambda: archive(**{"..\\evil.cubin": "x"}),
    "too deep": lambda: archive(**{"a/b/evil.cubin": "x"}),
    "no folder": lambda: archive(**{"evil.cubin": "x"}),
    "code of the host": lambda: archive(**{"KEY7/cuda_utils.so": "x"}),
    "Python": lambda: archive(**{"KEY7/__init__.py": "x"}),
    "a hidden file": lambda: archive(**{"KEY7/.cubin.json": "x"}),
    "a folder": lambda: archive(**{"KEY7/a.cubin/": ""}),
    "one good, one not": lambda: archive(**{"KEY7/a.cubin": "x", "KEY7/b.so": "x"}),
    "a good one, and a group that is none": lambda: archive(
        **{"KEY7/a.cubin": "x", "KEY7/__grp__a.json": "{}"}
    ),
    "a group that is none": lambda: archive(**{"KEY7/__grp__a.json": "[]"}),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_archive_is_refused_whole_and_replaced(
    bench: Bench, tmp_path: Path, case: str
) -> None:
    data = WRONG[case]()
    with pytest.raises(WrongArchive):
        unpack(data, tmp_path / "unpacked" / "deep")
    assert [p for p in (tmp_path / "unpacked").rglob("*") if p.is_file()] == []
    bench.put(data)
    assert bench.start().compiled == 1
    assert outside(tmp_path) <= {"unpacked"}
    assert bench.start().compiled == 0


@pytest.mark.parametrize("sha256", ["0" * 64, "nonsense"])
def test_other_bytes_than_the_metadata_says_are_refused(bench: Bench, sha256: str) -> None:
    bench.start()
    bench.put(bench.store.get(bench.key), sha256)
    assert bench.start().compiled == 1


def test_an_archive_without_a_hash_is_refused(bench: Bench) -> None:
    bench.start()
    bench.store.put(bench.key, bench.store.get(bench.key))
    assert bench.start().compiled == 1


@pytest.mark.parametrize("limit", ["MAX_ARCHIVE_BYTES", "MAX_UNPACKED_BYTES", "MAX_FILES"])
def test_an_archive_that_is_too_large_is_refused(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    bench.start()
    module = f"{kernel_archive.__package__}.kernel_cache" if "ARCHIVE" in limit else None
    monkeypatch.setattr(kernel_archive, limit, 2)
    if module:
        monkeypatch.setattr(f"{module}.{limit}", 2)
    refused = bench.start()
    assert refused.compiled == 1
    with pytest.raises(WrongArchive):
        pack(refused.folder.parent)


def test_a_group_names_no_file_but_those_beside_it(tmp_path: Path) -> None:
    group = json.dumps({"child_paths": {"a.cubin": "/etc/passwd", "../b.cubin": "/x/b.cubin"}})
    unpack(archive(**{"KEY7/__grp__a.json": group, "KEY7/a.cubin": "x"}), tmp_path)
    paths = json.loads((tmp_path / "KEY7" / "__grp__a.json").read_text())["child_paths"]
    assert paths == {"a.cubin": str(tmp_path / "KEY7" / "a.cubin")}


def test_a_bucket_that_fails_only_costs_time(bench: Bench) -> None:
    bucket = ContainerBucket(bench.store.client, "no-such-bucket-at-all")
    compiling = Compiler(bench.folder / "1")
    KernelCache(bucket, bench.folder / "1", bench.versions).run(compiling)
    assert compiling.compiled == 1


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, Path.home() / ".triton" / "cache"),
        ({"TRITON_HOME": "/a"}, Path("/a/.triton/cache")),
        ({"TRITON_HOME": "/a", "TRITON_CACHE_DIR": "/b"}, Path("/b")),
    ],
)
def test_the_folder_is_tritons_own(environment: dict[str, str], expected: Path) -> None:
    assert triton_folder(environment) == expected


def test_only_gpu_code_is_packed(bench: Bench) -> None:
    compiled = bench.start()
    names = {name.partition("/")[2] for name in kernel_files(compiled.folder.parent)}
    assert names == {f"{NAME}.json", f"{NAME}.cubin", f"__grp__{NAME}.json"}
