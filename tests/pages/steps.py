"""What a user does on a page, and what the container would have done."""

import hashlib
import io
import struct
import zlib
from datetime import UTC, datetime

from PIL import Image
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from core.jobs.records import Job, JobState
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.generation.request import parse_request
from formats.generation.result import GenerationResult, Outcome, Picture
from formats.keys import map_key, output_key, request_key, result_key, thumbnail_key
from tests.support.helpers import wait_for


def button(app: AppTest, label: str) -> Button:
    """The button of that name."""
    return next(found for found in app.button if found.label == label)


def errors(app: AppTest) -> str:
    """All messages on the page, without Markdown's backslashes."""
    return " ".join(str(error.value) for error in app.error).replace("\\", "")


def png(width: int = 64, height: int = 64) -> bytes:
    """A small picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(buffer, "PNG")
    return buffer.getvalue()


def huge_png(side: int = 30_000) -> bytes:
    """A file whose header says it is far too large; there are no pixels in it."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def finish(studio: Studio, job: Job) -> Job:
    """Write the result that the container would write, and wait for the record to follow."""
    request = parse_request(wait_for(lambda: _request(studio, job)) or b"")
    pictures = []
    for index in range(request.image_count):
        width, height = request.size
        data = png(width, height)
        studio.storage.write(output_key(job.id, index), data, "image/png")
        studio.storage.write(thumbnail_key(job.id, index), data, "image/webp")
        pictures.append(
            Picture(
                index=index,
                seed=request.seed + index,
                width=width,
                height=height,
                sha256=hashlib.sha256(data).hexdigest(),
                infotext=f"{request.prompt}\nSteps: {request.steps}, Seed: {request.seed}",
            )
        )
    for unit, _ in enumerate(request.controlnets):
        studio.storage.write(map_key(job.id, unit), png(), "image/png")
    now = datetime.now(UTC)
    result = GenerationResult(
        id=job.id,
        outcome=Outcome.SUCCEEDED,
        pictures=tuple(pictures),
        maps=len(request.controlnets),
        started_at=now,
        ended_at=now,
    )
    body = result.model_dump_json().encode()
    studio.storage.write(result_key(job.id), body, "application/json")
    wait_for(lambda: studio.jobs.get(LOCAL, job.id).state is JobState.SUCCEEDED)
    return studio.jobs.get(LOCAL, job.id)


def _request(studio: Studio, job: Job) -> bytes | None:
    found = studio.storage.find(request_key(job.id))
    return found.data if found else None
