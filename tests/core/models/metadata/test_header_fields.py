"""A header's metadata: ModelSpec 1.0.1 and kohya's keys, and what strangers make of them."""

import io
import json
from base64 import b64encode
from typing import Any

import pytest
from PIL import Image

from core.models.metadata.fields import ModelFields, RecommendedSettings
from core.models.metadata.header_fields import header_fields, header_thumbnail
from formats.limits import MAX_MODEL_DESCRIPTION

MODELSPEC = {
    "modelspec.sai_model_spec": "1.0.1",
    "modelspec.architecture": "stable-diffusion-xl-v1-base/lora",
    "modelspec.implementation": "https://github.com/Stability-AI/generative-models",
    "modelspec.title": "Ink wash",
    "modelspec.description": "Draws as with a brush.",
    "modelspec.author": "A. Painter",
    "modelspec.license": "CreativeML Open RAIL++-M",
    "modelspec.usage_hint": "Illustrious",
    "modelspec.trigger_phrase": "ink style; dramatic linework",
    "modelspec.tags": "style, ink",
    "modelspec.prediction_type": "v",
    "modelspec.resolution": "1024x1024",
    "modelspec.encoder_layer": "2",
}
"""The names and the forms of github.com/Stability-AI/ModelSpec and of sd-scripts' writer."""

KOHYA = {
    "ss_output_name": "ink_wash_v3",
    "ss_base_model_version": "sdxl_base_v1-0",
    "ss_clip_skip": "2",
    "ss_resolution": "(832, 1216)",
    "ss_training_comment": "twelve scans",
    "ss_network_module": "networks.lora",
    "ss_network_dim": "32",
    "ss_network_alpha": "16",
    "ss_tag_frequency": json.dumps(
        {"10_ink": {"inkwash": 40, "1girl": 12, " tree ": 3}, "5_more": {"1girl": 30, "sea": 0}}
    ),
}
"""The names and the forms of sd-scripts' train_network.py."""


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({}, ModelFields()),
        (
            MODELSPEC,
            ModelFields(
                title="Ink wash",
                description="Draws as with a brush.\n\nIllustrious",
                base_model="stable-diffusion-xl-v1-base",
                trained_words=("ink style", "dramatic linework"),
                licence="CreativeML Open RAIL++-M",
                author="A. Painter",
                tags=("style", "ink"),
                prediction_type="v",
                settings=RecommendedSettings(clip_skip=2, width=1024, height=1024),
            ),
        ),
        (
            KOHYA,
            ModelFields(
                title="ink_wash_v3",
                base_model="sdxl_base_v1-0",
                trained_words=("1girl", "inkwash", "tree"),
                notes="twelve scans\n\nNetwork: networks.lora, dim 32, alpha 16",
                settings=RecommendedSettings(clip_skip=2, width=832, height=1216),
            ),
        ),
        (
            {**KOHYA, **MODELSPEC},
            ModelFields(
                title="Ink wash",
                description="Draws as with a brush.\n\nIllustrious",
                base_model="stable-diffusion-xl-v1-base",
                trained_words=("ink style", "dramatic linework"),
                licence="CreativeML Open RAIL++-M",
                author="A. Painter",
                tags=("style", "ink"),
                notes="twelve scans\n\nNetwork: networks.lora, dim 32, alpha 16",
                prediction_type="v",
                settings=RecommendedSettings(clip_skip=2, width=1024, height=1024),
            ),
        ),
    ],
    ids=["nothing", "ModelSpec", "kohya", "both"],
)
def test_a_header_is_read(metadata: dict[str, str], expected: ModelFields) -> None:
    assert header_fields(metadata) == expected


SQUARE = RecommendedSettings(clip_skip=2, width=512, height=512)


@pytest.mark.parametrize(
    ("name", "value", "field", "expected"),
    [
        ("modelspec.title", "x" * 500, "title", "x" * 128),
        ("modelspec.title", "In\x00k\u202e\x1b[31m wa\ud800sh\n2", "title", "Ink[31m wash 2"),
        ("modelspec.title", "None", "title", "ink_wash_v3"),
        ("modelspec.description", "a\r\n\tb\x07", "description", "a\n b"),
        ("modelspec.description", "<p>A<br>B &amp; C</p>", "description", "A\nB & C"),
        ("modelspec.description", "d" * 9000, "description", "d" * MAX_MODEL_DESCRIPTION),
        ("modelspec.tags", ",".join(map(str, range(99))), "tags", tuple(map(str, range(64)))),
        ("ss_tag_frequency", "{broken", "trained_words", None),
        ("ss_tag_frequency", "[" * 100_000, "trained_words", None),
        ("ss_tag_frequency", "null", "trained_words", None),
        ("ss_tag_frequency", '{"a": {"b": "many", "c": 2}}', "trained_words", ("c",)),
        ("ss_tag_frequency", '{"cat": 3, "dog": 9}', "trained_words", ("dog", "cat")),
        ("ss_tag_frequency", '{"a": {"a photo of a small dog": 3}}', "trained_words", None),
        (
            "ss_resolution",
            "512",
            "settings",
            RecommendedSettings(clip_skip=2, width=512, height=512),
        ),
        ("ss_resolution", "None", "settings", RecommendedSettings(clip_skip=2)),
        ("ss_resolution", "(9999, 513)", "settings", RecommendedSettings(clip_skip=2)),
        ("ss_clip_skip", "None", "settings", RecommendedSettings(width=832, height=1216)),
        ("ss_clip_skip", "1e999", "settings", RecommendedSettings(width=832, height=1216)),
        ("ss_network_alpha", "None", "notes", "twelve scans\n\nNetwork: networks.lora, dim 32"),
    ],
)
def test_what_is_damaged_is_left_out(name: str, value: str, field: str, expected: object) -> None:
    """Nothing of the rest is lost with it."""
    whole, found = header_fields(KOHYA), header_fields({**KOHYA, name: value})
    assert getattr(found, field) == expected
    others = ModelFields.model_fields.keys() - {field}
    assert [getattr(found, other) for other in others] == [
        getattr(whole, other) for other in others
    ]


def test_the_most_frequent_tags_are_taken() -> None:
    tags = json.dumps({"10_a": {f"tag {count:03}": count for count in range(200)}})
    words = header_fields({"ss_tag_frequency": tags}).trained_words
    assert words == tuple(f"tag {count}" for count in range(199, 175, -1))


def data_url(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{b64encode(data).decode()}"


def image(kind: str) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (12, 8), "teal").save(data, kind)
    return data.getvalue()


@pytest.mark.parametrize("name", ["modelspec.thumbnail", "modelspec.preview_image"])
@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_the_thumbnail_becomes_a_png(name: str, kind: str) -> None:
    found = header_thumbnail({name: data_url(kind, image(kind))})
    assert found is not None
    assert (found.width, found.height, found.data[:4]) == (12, 8, b"\x89PNG")


@pytest.mark.parametrize(
    "value",
    [
        *("", "None", "https://example.org/a.png", "data:text/html;base64,PGI+", "data:image/png,"),
        *("data:image/png;base64,", "data:image/png;base64,$$$$", "data:image/png;base64,AAA"),
        data_url("png", b"<svg/>"),
        data_url("png", image("png")[:40]),
        data_url("png", bytes(3 * 2**20)),
    ],
)
def test_what_is_no_image_is_no_thumbnail(value: str) -> None:
    metadata: dict[str, Any] = {"modelspec.thumbnail": value}
    assert header_thumbnail(metadata) is None
