"""Measures the library of model files: its first list, a refresh, and what each rerun asks of it.

    .venv/bin/python -m bench.models.library [--models 1000] [--repeats 20]

Starts the embedded AWS in a folder of its own and stores LoRAs with a trainer's header of about
100 KB, each with a record as a site's import and a person leave it. Prints JSON: milliseconds (the
median and the slowest, and of this process's CPU) and calls of S3, for

- first: a new dashboard's first list, which reads the index of headers and every record;
- refresh: the same again, with nothing new in the bucket;
- rerun: what a page asks at each click: the list, a search, the facets' counts, the order;
- edit: a person's change of one file, and the list after it.
"""

import argparse
import json
import statistics
import struct
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from core.aws.client import Aws, Connection
from core.aws.storage import Storage
from core.ids import utc_now
from core.models.metadata.facets import ModelOrder, facets, in_order, narrowed
from core.models.metadata.fields import FieldSource, ModelFields
from core.models.service import ModelLibrary
from core.records.sqlite import SqliteRecordStore
from core.team.access import Access
from core.team.users import LOCAL
from formats.keys import model_key
from formats.models.kinds import ModelKind
from local_aws.launcher import launch

BUCKET: Final = "bench"
_LAYERS: Final = 400
_TEXT_WIDTH: Final = 2048
"""Input of an SDXL cross-attention layer."""
_QUERIES: Final = ("", "style 7", "tag:animal -tag:cute", "base:illustrious cats", '"number 12"')


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, launch(Path(folder) / "aws") as aws:
        secret = SecretStr(aws.secret_key)
        connection = Connection(
            url=aws.url, access_key=aws.access_key, secret_key=secret, region=aws.region
        )
        storage = Storage(Aws(connection), BUCKET)
        storage._s3.create_bucket(Bucket=BUCKET)
        records = SqliteRecordStore(Path(folder) / "records.sqlite")
        library = ModelLibrary(storage, records, Access(), utc_now)
        _store(storage, library, options.models)
        fresh = ModelLibrary(storage, records, Access(), utc_now)
        print(json.dumps(_measured(storage, fresh, options.repeats), indent=2))
        records.close()


def _store(storage: Storage, library: ModelLibrary, count: int) -> None:
    def put(number: int) -> None:
        key = model_key(ModelKind.LORA, f"style {number:04}.safetensors")
        storage.write(key, _lora(number), "application/octet-stream")
        site = ModelFields(
            title=f"Cats number {number}",
            description="A style of cats, drawn with soft lines. " * 20,
            tags=("animal", "style", f"artist {number % 50}"),
            base_model="Illustrious" if number % 2 else "SDXL 1.0",
        )
        library.add_layers(key, {FieldSource.SITE: site})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(put, range(count)))
    keys = [file.key for file in library.list(LOCAL)][::5]
    library.edit(LOCAL, keys, ModelFields(notes="at 0.7"), add_tags=["cute"])


def _lora(number: int) -> bytes:
    """A file as kohya's trainer writes it, with tensors of one number each but for the first."""
    names = [
        f"lora_unet_input_blocks_{layer}_1_transformer_blocks_0_attn2_to_k.lora_{part}.weight"
        for layer in range(_LAYERS)
        for part in ("down", "up")
    ]
    tags = {f"tag {tag}": 40 - tag for tag in range(40)}
    header: dict[str, Any] = {
        "__metadata__": {
            "ss_output_name": f"style {number}",
            "ss_tag_frequency": json.dumps({"10_style": tags}),
        }
    }
    end = 0
    for name in names:
        width = 1 if end else _TEXT_WIDTH
        offsets = [end, end + 2 * width]
        header[name] = {"dtype": "F16", "shape": [1, width], "data_offsets": offsets}
        end = offsets[1]
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(end)


def _measured(storage: Storage, library: ModelLibrary, repeats: int) -> dict[str, Any]:
    key = model_key(ModelKind.LORA, "style 0001.safetensors")

    def rerun(turn: int) -> None:
        files = library.list(LOCAL)
        query = _QUERIES[turn % len(_QUERIES)]
        facets(files, query)
        in_order(narrowed(files, query), ModelOrder.NAME)

    def edit(turn: int) -> None:
        library.edit(LOCAL, [key], ModelFields(notes=f"turn {turn}"))
        library.list(LOCAL)

    return {
        "first": _timed(storage, lambda _: library.list(LOCAL), 1),
        "refresh": _timed(storage, lambda _: library.list(LOCAL, refresh=True), repeats),
        "rerun": _timed(storage, rerun, repeats),
        "edit": _timed(storage, edit, repeats),
    }


def _timed(storage: Storage, act: Callable[[int], object], repeats: int) -> dict[str, Any]:
    calls: list[str] = []
    events = storage._s3.meta.events

    def note(model: Any, **_: object) -> None:
        calls.append(model.name)

    events.register("before-call.s3", note, unique_id="bench")
    seconds, cpu_began = [], time.process_time()
    for turn in range(repeats):
        began = time.perf_counter()
        act(turn)
        seconds.append(time.perf_counter() - began)
    cpu_seconds = time.process_time() - cpu_began
    events.unregister("before-call.s3", unique_id="bench")
    return {
        "median_ms": round(1000 * statistics.median(seconds), 1),
        "slowest_ms": round(1000 * max(seconds), 1),
        "cpu_ms": round(1000 * cpu_seconds / repeats, 1),
        "s3_calls": len(calls) / repeats,
    }


if __name__ == "__main__":
    main()
