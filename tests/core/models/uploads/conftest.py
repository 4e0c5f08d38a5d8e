"""What the tests of uploads share: files of several parts, and a look at what was sent."""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from core.models.uploads import browser
from core.models.uploads.planning import plan
from core.models.uploads.records import Upload, UploadStage
from core.models.uploads.sending import copying
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.keys import model_key
from formats.models.kinds import ModelKind
from tests.support.helpers import wait_for

MIB = 1 << 20
PART = 5 * MIB
"""The least that S3 takes."""
PARTS = 10
SIZE = 46 * MIB


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of 5 MiB, so that a small file has more than are in flight at once."""
    monkeypatch.setattr(plan, "PART_BYTES", PART)
    monkeypatch.setattr(copying, "COPY_PART_BYTES", PART)
    monkeypatch.setattr(browser, "BROWSER_PART_BYTES", PART)


def lora_bytes(size: int, seed: int = 0) -> bytes:
    """A LoRA of exactly that many bytes, other ones for each seed."""
    names = ["lora_unet_x.lora_down.weight", "lora_unet_x.lora_up.weight"]
    wanted = size - 8 - 300
    half = wanted // 2
    places = [(0, half), (half, wanted)]
    entries: dict[str, Any] = {
        name: {"dtype": "U8", "shape": [end - start], "data_offsets": [start, end]}
        for name, (start, end) in zip(names, places, strict=True)
    }
    header = json.dumps(entries).encode().ljust(300)
    block = hashlib.sha512(str(seed).encode()).digest()
    data = os.urandom(MIB) if seed < 0 else block * (MIB // len(block))
    body = (data * (wanted // MIB + 1))[:wanted]
    return len(header).to_bytes(8, "little") + header + body


@pytest.fixture
def lora(tmp_path: Path, small_parts: None) -> Path:
    """46 MiB in ten parts."""
    path = tmp_path / "large.safetensors"
    path.write_bytes(lora_bytes(SIZE))
    return path


def only(studio: Studio) -> Upload:
    """The one upload in the list."""
    (upload,) = studio.uploads.list(LOCAL)
    return upload


def settled(studio: Studio, count: int = 1, seconds: float = 60) -> tuple[Upload, ...]:
    """The uploads once none of them is under way, within so many seconds."""

    def ended() -> tuple[Upload, ...]:
        found = studio.uploads.list(LOCAL)
        quiet = all(not u.active or u.stage is UploadStage.PAUSED for u in found)
        return found if quiet and len(found) >= count else ()

    return wait_for(ended, seconds)


def finished(
    studio: Studio, paths: Sequence[Path | str], seconds: float = 60, **options: Any
) -> tuple[Upload, ...]:
    """The uploads of these paths once they are over."""
    options.setdefault("kind", None)
    started = studio.uploads.start_paths(LOCAL, list(map(str, paths)), **options).started
    return settled(studio, len(started), seconds)


def stored_keys(studio: Studio) -> list[str]:
    """What lies in the bucket beside the studio's own indexes."""
    return [each.key for each in studio.storage.list("") if not each.key.startswith("indexes/")]


def stored(studio: Studio, name: str, kind: ModelKind = ModelKind.LORA) -> bytes:
    """The model's bytes in S3."""
    return studio.storage.read(model_key(kind, name)).data


@pytest.fixture
def sent_parts(studio: Studio) -> Iterator[list[int]]:
    """The numbers of the parts that this process sends from now on."""
    sent: list[int] = []
    events = studio.uploads._targets.multipart._s3.meta.events

    def note(params: Any, **_: object) -> None:
        sent.append(int(params["query_string"]["partNumber"]))

    events.register("before-call.s3.UploadPart", note)
    yield sent
    events.unregister("before-call.s3.UploadPart", note)
