"""Infotexts, requests and poses as nobody would write them."""

import json
from contextlib import suppress
from typing import Any, Final

from hypothesis import strategies as st
from pydantic import ValidationError

from core.errors import ContrappostoError
from core.poses.files import import_pose
from formats.generation import infotext
from formats.generation.extra_networks import split_loras
from formats.generation.problems import field_problems
from formats.generation.request import GenerationRequest, parse_request
from formats.openpose.coordinates import PoseFile
from formats.openpose.point_layouts import FIELDS
from tests.support.fuzzing import examples, try_all

NUMBERS: Final = st.one_of(
    st.integers(), st.floats(), st.sampled_from([0, -1, 1e308, -1e308, 10**30, 2**63])
)
JSON: Final = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
SNIPPETS: Final = (
    *("Steps: 20", "Sampler: DPM++ 2M Karras", "Size: 512x512", "Seed: ", "Negative prompt: "),
    *("\n", "\r", ", ", ": ", '"', "\\", "\\u12", "Hashes: {", "Lora hashes: ", "x" * 300),
)
INFOTEXT: Final = st.lists(st.sampled_from(SNIPPETS) | st.text(max_size=6)).map("".join)
TAGS: Final = st.lists(
    st.sampled_from(["<lora:", "<lyco:", ":", ">", "<", "te=", "unet=", "0.8", "1e999", "ink"])
    | st.text(max_size=4)
).map("".join)

GOOD: Final[dict[str, Any]] = {
    "version": 1,
    "id": "01JD8Z5M3Q8V4T0W9X2Y7R6N5K",
    "checkpoint": "a.safetensors",
    "prompt": "a dog",
    "seed": 1,
    "loras": [{"name": "l.safetensors"}],
    "controlnets": [{"model": "c.safetensors", "image": "0" * 64}],
    "hires": {},
}
FIELD_NAMES: Final = st.sampled_from([*GenerationRequest.model_fields])
CHANGES: Final = st.dictionaries(FIELD_NAMES, JSON, max_size=3)
REQUESTS: Final = CHANGES.map(lambda changes: json.dumps({**GOOD, **changes}).encode())

POINTS: Final = st.sampled_from([18, 25, 17, 133, 21, 70, 0, 1]).flatmap(
    lambda count: st.lists(NUMBERS, min_size=3 * count, max_size=3 * count)
)
PERSON: Final = st.dictionaries(
    st.sampled_from([name for names in FIELDS.values() for name in names] + ["keypoints"]),
    POINTS | JSON,
    max_size=4,
)
PEOPLE: Final = st.lists(PERSON | JSON, max_size=3) | JSON
POSES: Final = st.fixed_dictionaries(
    {},
    optional={
        "people": PEOPLE,
        "keypoints": PEOPLE | st.lists(NUMBERS),
        "canvas_width": NUMBERS | JSON,
        "canvas_height": NUMBERS | JSON,
        "width": NUMBERS,
        "height": NUMBERS,
    },
)
POSE_FILES: Final = st.one_of(POSES, st.lists(POSES, max_size=2), JSON).map(
    lambda pose: json.dumps(pose).encode()
)
"""With Infinity and NaN too, which Python's JSON knows and others' doesn't."""


def mutated(files: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """The files, some of them cut off or with bytes put in."""
    places = st.tuples(st.integers(0, 400), st.integers(0, 3), st.binary(max_size=3))
    damaged = st.builds(lambda data, m: data[: m[0]] + m[2] + data[m[0] + m[1] :], files, places)
    return files | damaged | st.binary(max_size=40).map(b"{".__add__)


def read_infotext(text: str) -> None:
    found = infotext.with_defaults(infotext.read(text))
    again = infotext.read(infotext.write("", "", found.parameters))
    assert all(isinstance(value, str) for value in again.parameters.values())


def read_tags(prompt: str) -> None:
    with suppress(ValueError):
        clean, _ = split_loras(prompt)
        assert "<lora:" not in clean


def read_request(data: bytes) -> None:
    try:
        request = parse_request(data)
    except ValidationError as error:
        problems = field_problems(error)
    else:
        problems = ()
        assert parse_request(request.model_dump_json()) == request
    assert all(problem.message for problem in problems)


def read_pose(data: bytes) -> None:
    with suppress(ContrappostoError):
        assert isinstance(import_pose(data), PoseFile)


@examples
def test_infotexts(rounds: int) -> None:
    try_all(INFOTEXT, read_infotext, rounds)


@examples
def test_lora_tags(rounds: int) -> None:
    try_all(TAGS, read_tags, rounds)


@examples
def test_requests(rounds: int) -> None:
    try_all(mutated(REQUESTS), read_request, rounds)


@examples
def test_poses(rounds: int) -> None:
    try_all(mutated(POSE_FILES), read_pose, rounds)
