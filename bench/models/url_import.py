"""Measures the import of a large file from a web site on this machine against `curl` to disk.

    .venv/bin/python -m bench.models.url_import [--gigabytes 1] [--rounds 3]

Serves one file over https in a process of its own, fetches it with curl, lets the upload queue
import it into the embedded AWS, and compares the hash. Needs curl and Linux.
"""

import argparse
import hashlib
import json
import multiprocessing
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

from pydantic import SecretStr

from core.aws.client import Connection
from core.models.uploads.planning.new_upload import NewUpload
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from formats.keys import model_key
from formats.models.kinds import ModelKind
from local_aws.launcher import launch
from tests.support.web.server import Asked, head, local_web

NAME = "large.safetensors"
_BLOCK = 1 << 20


def main() -> None:
    """Print the figures of each round, and the best of both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    size = int(options.gigabytes * 1e9)
    with tempfile.TemporaryDirectory() as folder, site(Path(folder), size) as (port, authority):
        os.environ["SSL_CERT_FILE"] = authority
        address = f"https://localhost:{port}/files.example.com/{NAME}"
        with studio(Path(folder), port) as opened:
            curl, ours, cpu = [], [], time.process_time()
            for number in range(options.rounds):
                curl.append(by_curl(address, authority, Path(folder) / "fetched"))
                ours.append(by_queue(opened, address, f"{number}-{NAME}"))
                print(f"{'curl to disk, seconds':44s} {curl[-1]:6.1f}")
                print(f"{'import into S3, seconds':44s} {ours[-1]:6.1f}", flush=True)
            cpu = (time.process_time() - cpu) / options.rounds
            same = stored_hash(opened, f"0-{NAME}") == file_hash(Path(folder) / "fetched")
    print(f"{'the same bytes':44s} {same!s:>6s}")
    print(f"{'speed, of the best of curl':44s} {min(curl) / min(ours):6.2f}")
    print(f"{'CPU seconds of the importing process, each':44s} {cpu:6.1f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(f"{'peak memory of the importing process, MB':44s} {peak:6.0f}")


@contextmanager
def site(folder: Path, size: int) -> Iterator[tuple[int, str]]:
    """A site in another process; its port, and the file of the authority to trust."""
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=serve, args=(folder, size, theirs))
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send("end")
        process.join()


def serve(folder: Path, size: int, pipe: Pipe) -> None:
    """Serve a well-formed file of one tensor until told to end."""
    header = json.dumps(
        {
            "model.diffusion_model.x": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]},
            "cond_stage_model.transformer.x": {
                "dtype": "U8",
                "shape": [0],
                "data_offsets": [size, size],
            },
        }
    ).encode()
    start = len(header).to_bytes(8, "little") + header
    block = os.urandom(_BLOCK)

    def send(_asked: Asked) -> Iterator[bytes]:
        yield head(content_length=len(start) + size, content_type="application/octet-stream")
        yield start
        for _ in range(size // _BLOCK):
            yield block
        yield block[: size % _BLOCK]

    with local_web(folder) as web:
        web.routes[f"files.example.com/{NAME}"] = send
        pipe.send((web.port, str(web.authority)))
        pipe.recv()


@contextmanager
def studio(folder: Path, port: int) -> Iterator[Studio]:
    """A dashboard's services upon the embedded AWS."""
    with launch(folder / "data") as aws:
        connection = Connection(
            url=aws.url,
            access_key=aws.access_key,
            secret_key=SecretStr(aws.secret_key),
            region=aws.region,
        )
        settings = Settings(
            data=folder / "studio", bucket="imports", demo=False, import_hosts=f"localhost:{port}"
        )
        with open_studio(settings, connection) as opened:
            yield opened


def by_curl(address: str, authority: str, path: Path) -> float:
    """Seconds."""
    begun = time.monotonic()
    command = ["curl", "--silent", "--show-error", "--fail", "--cacert", authority]
    subprocess.run([*command, "--output", str(path), address], check=True)
    return time.monotonic() - begun


def by_queue(opened: Studio, address: str, name: str) -> float:
    """Seconds from the click on Import to the file that can be used."""
    (file,) = opened.remote_models.preview(LOCAL, address).files
    new = NewUpload(source=file.source, kind=file.kind, name=name, size=file.size)
    begun = time.monotonic()
    opened.uploads.start(LOCAL, [new])
    while any(upload.active for upload in opened.uploads.list(LOCAL)):
        time.sleep(0.05)
    seconds = time.monotonic() - begun
    assert opened.models.find(LOCAL, ModelKind.CHECKPOINT, name), opened.uploads.list(LOCAL)
    return seconds


def stored_hash(opened: Studio, name: str) -> str:
    """Of the object's bytes."""
    digest = hashlib.sha256()
    for chunk in opened.storage.stream(model_key(ModelKind.CHECKPOINT, name)).chunks:
        digest.update(chunk)
    return digest.hexdigest()


def file_hash(path: Path) -> str:
    """Of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    main()
