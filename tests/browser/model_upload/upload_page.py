"""The page Models as somebody uses it who sends files from their own computer."""

import hashlib
import json
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import boto3
from playwright.sync_api import Error, Locator, Page, Route, expect

from formats.keys import model_key
from formats.models.kinds import ModelKind
from local_aws.data_folder import ConnectionInfo
from local_aws.launcher import LocalAws
from tests.browser.studio_page import StudioPage

MIB: Final = 2**20
PART: Final = 16 * MIB
PARTS: Final = "**/api/uploads/*/*/parts/*"
"""Where parts go that the dashboard passes on."""


def lora_file(folder: Path, name: str, size: int, seed: int = 1) -> Path:
    """A LoRA of about so many bytes, all of them random."""
    number = size // 4 // 2
    names = ("lora_unet_mid_block_attentions_0_proj_in.lora_" + end for end in ("down", "up"))
    header, at = {}, 0
    for tensor, shape in zip(names, ((4, number // 2), (number // 2, 4)), strict=True):
        end = at + 2 * shape[0] * shape[1]
        header[f"{tensor}.weight"] = {"dtype": "F16", "shape": shape, "data_offsets": (at, end)}
        at = end
    text = json.dumps(header).encode()
    path = folder / name
    numbers = random.Random(seed)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for start in range(0, at, PART):
            file.write(numbers.randbytes(min(PART, at - start)))
    return path


def sha256(path: Path) -> str:
    """Of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Bucket:
    """What S3 has, seen by boto3 alone."""

    def __init__(self, aws: ConnectionInfo | LocalAws, name: str = "contrapposto") -> None:
        self.name = name
        self.s3: Any = boto3.client(
            "s3",
            endpoint_url=aws.url,
            aws_access_key_id=aws.access_key,
            aws_secret_access_key=aws.secret_key,
            region_name=aws.region,
        )

    def keys(self) -> list[str]:
        """Of the models."""
        found = self.s3.list_objects_v2(Bucket=self.name, Prefix="models/").get("Contents", ())
        return [each["Key"] for each in found]

    def under_way(self) -> list[str]:
        """The keys of multipart uploads that are neither completed nor aborted."""
        found = self.s3.list_multipart_uploads(Bucket=self.name).get("Uploads", ())
        return [each["Key"] for each in found]

    def has(self, file: Path) -> bool:
        """Whether there is a LoRA of its name."""
        return model_key(ModelKind.LORA, file.name) in self.keys()

    def sha256(self, file: Path) -> str:
        """Of the bytes of the LoRA of its name."""
        key = model_key(ModelKind.LORA, file.name)
        digest = hashlib.sha256()
        for chunk in self.s3.get_object(Bucket=self.name, Key=key)["Body"].iter_chunks(MIB):
            digest.update(chunk)
        return digest.hexdigest()


class HeldRequests:
    """Requests that go on one by one, when the test says so."""

    def __init__(self, page: Page, pattern: str = PARTS) -> None:
        self._page = page
        self._held: list[Route] = []
        self._is_open = False
        self.seen = 0
        page.route(pattern, self._hold)

    def _hold(self, route: Route) -> None:
        is_part = route.request.method == "PUT"
        self.seen += is_part
        if is_part and not self._is_open:
            self._held.append(route)
        else:
            route.continue_()

    def let_go(self, count: int = 1) -> None:
        """Let so many of them pass, waiting for them where they did not come yet."""
        for _ in range(count):
            until(self._page, lambda: bool(self._held))
            self._held.pop(0).continue_()

    def end(self) -> None:
        """Let all pass from now on."""
        self._is_open = True
        for route in self._held:
            with suppress(Error):  # the page has given it up since
                route.continue_()
        self._held.clear()


def until(page: Page, holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait, while the browser's events are heard."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)


class UploadPage:
    """The page in one browser session."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        page.on("dialog", lambda dialog: dialog.accept())  # whether to leave during an upload

    def open(self) -> "UploadPage":
        """Go there."""
        StudioPage(self.page, self.url).open("/models")
        expect(self.page.get_by_role("button", name="Choose files")).to_be_visible()
        return self

    def choose(self, *files: Path) -> None:
        """By the browser's own dialog."""
        self.page.locator("input[type=file][multiple]").first.set_input_files(list(files))

    def drag(self, files: Sequence[Path], event: str, at: tuple[int, int] = (700, 900)) -> None:
        """`dragEnter`, `dragOver` or `drop`, with files of the disk, as the system sends it."""
        data = {"items": [], "files": [str(file) for file in files], "dragOperationsMask": 1}
        place = {"type": event, "x": at[0], "y": at[1], "data": data}
        session = self.page.context.new_cdp_session(self.page)
        session.send("Input.dispatchDragEvent", place)
        session.detach()

    def drop(self, *files: Path) -> None:
        """Onto the page's lower end, where there is no box for it."""
        for event in ("dragEnter", "dragOver", "drop"):
            self.drag(files, event)

    def has_sent(self, bucket: Bucket, *files: Path) -> None:
        """Wait until all are LoRAs in S3; each has its very bytes, and nothing is left over."""
        until(self.page, lambda: all(map(bucket.has, files)), 180)
        for file in files:
            expect(self.row(file)).to_have_count(0)
            assert bucket.sha256(file) == sha256(file)
        assert bucket.under_way() == []

    def row(self, file: Path) -> Locator:
        """Of a file that this tab sends."""
        return self.page.locator("ul.uploads li", has_text=file.name)

    def press(self, file: Path, action: str) -> None:
        """A button of its row."""
        self.row(file).get_by_role("button", name=f"{action}: {file.name}").click()
