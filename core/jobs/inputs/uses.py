"""Tells which inputs are in use: by the requests of jobs and grids in S3, each read once ever.

What is read is S3 itself, which every version writes and which is never late; the index only
spares the reading. A pass costs one LIST for each thousand jobs, grids and inputs.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from core.aws.storage import Storage
from core.records.stored import read_stored
from formats.frozen import Tolerant
from formats.keys import GRIDS, INPUT_INDEX, JOBS

_SHA256: Final = re.compile(rb'"([0-9a-f]{64})"')
_WORKERS: Final = 8
_READ_AT_ONCE: Final = 10_000
"""Requests that one pass reads; after an update the next passes read the rest of the old ones."""


class InputIndex(Tolerant):
    """The hashes that each request names, by the key of the request."""

    requests: Mapping[str, tuple[str, ...]] = {}


def inputs_in_use(storage: Storage) -> frozenset[str] | None:
    """The hashes of all inputs that a request names; None while not every request was read.

    A model's hash that a request names counts too, which keeps nothing that would go. Raises
    AwsError.
    """
    content = storage.find(INPUT_INDEX)
    index = read_stored(InputIndex, content.data, INPUT_INDEX) if content else None
    known = index.requests if index else {}
    keys = set(_request_keys(storage))
    new = sorted(keys - known.keys())
    found = _read(storage, new[:_READ_AT_ONCE])
    uses = {key: named for key, named in known.items() if key in keys} | found
    if uses != known:
        body = InputIndex(requests=uses).model_dump_json().encode()
        storage.write(INPUT_INDEX, body, "application/json")
    if len(new) > _READ_AT_ONCE:
        return None
    return frozenset(sha256 for named in uses.values() for sha256 in named)


def _request_keys(storage: Storage) -> Iterator[str]:
    """Of the jobs and grids that are there."""
    for folder in storage.folders(JOBS):
        yield f"{folder}request.json"
    for grid in storage.list(GRIDS):
        yield grid.key


def _read(storage: Storage, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What each of these requests names; a folder without a request is left out: it may come."""
    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="input-uses") as pool:
        read = zip(keys, pool.map(lambda key: _named(storage, key), keys), strict=True)
        return {key: named for key, named in read if named is not None}


def _named(storage: Storage, key: str) -> tuple[str, ...] | None:
    content = storage.find(key)
    if content is None:
        return None
    return tuple(sorted({found.decode() for found in _SHA256.findall(content.data)}))
