"""Measures the upload of a large file from a browser through the dashboard on this machine.

    .venv/bin/python -m bench.models.browser_upload [--gigabytes 1]

Starts the dashboard with its embedded AWS, sends one small file and then the large one in Chromium,
and the same bytes with curl by one PUT straight to the embedded S3. Needs curl, Chromium and Linux.
"""

import argparse
import re
import subprocess
import tempfile
import time
from pathlib import Path

from playwright.sync_api import expect

from local_aws.data_folder import DataFolder
from tests.browser.app_process import App, running
from tests.browser.model_upload.upload_page import (
    MIB,
    Bucket,
    UploadPage,
    lora_file,
    sha256,
    until,
)
from tests.browser.pose_editor.editor_driver import chromium


def main() -> None:
    """Print the figures of one file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=1)
    size = int(parser.parse_args().gigabytes * 1e9)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "data") as app:
        aws = DataFolder(app.data).active_connection()
        assert aws is not None
        bucket, path = Bucket(aws), Path(folder)
        small = lora_file(path, "small.safetensors", 40 * MIB, 1)
        large = lora_file(path, "large.safetensors", size, 2)
        megabytes = large.stat().st_size / 1e6
        curl = by_curl(bucket, large)
        print(f"{'curl, one PUT to S3, MB/s':44s} {megabytes / curl:6.0f}", flush=True)
        with chromium() as browser:
            upload = UploadPage(browser.new_page(), app.url).open()
            upload.choose(small)
            until(upload.page, lambda: bucket.has(small))
            before = begin_peak(app)
            hashing, sending = send(upload, bucket, large)
            print(f"{'hashing in the browser, MB/s':44s} {megabytes / hashing:6.0f}")
            print(f"{'sending from the browser, MB/s':44s} {megabytes / sending:6.0f}")
            print(f"{'memory of the dashboard before, MB':44s} {before:6.0f}")
            print(f"{'its peak above that, MB':44s} {memory(app, 'VmHWM') - before:6.0f}")
        print(f"{'the same bytes':44s} {bucket.sha256(large) == sha256(large)!s:>6s}")


def by_curl(bucket: Bucket, path: Path) -> float:
    """Seconds."""
    place = {"Bucket": bucket.name, "Key": "by-curl"}
    url = bucket.s3.generate_presigned_url("put_object", Params=place)
    begun = time.monotonic()
    command = ["curl", "--silent", "--show-error", "--fail", "--upload-file", str(path), url]
    subprocess.run(command, check=True)
    taken = time.monotonic() - begun
    bucket.s3.delete_object(**place)
    return taken


def send(upload: UploadPage, bucket: Bucket, path: Path) -> tuple[float, float]:
    """Seconds of hashing, and from then to the object in S3."""
    begun = time.monotonic()
    upload.choose(path)
    expect(upload.row(path)).to_contain_text("sending", timeout=600_000)
    hashed = time.monotonic()
    until(upload.page, lambda: bucket.has(path), 600)
    return hashed - begun, time.monotonic() - hashed


def begin_peak(app: App) -> float:
    """Let the kernel count the peak anew from now on; what is held now, in MB."""
    Path(f"/proc/{app.process.pid}/clear_refs").write_text("5")
    return memory(app, "VmRSS")


def memory(app: App, name: str) -> float:
    """Of the dashboard's process, in MB."""
    status = Path(f"/proc/{app.process.pid}/status").read_text()
    found = re.search(name + r":\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) * 1024 / 1e6


if __name__ == "__main__":
    main()
