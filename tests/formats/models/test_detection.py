"""Headers are read safely, and tell kind, family, and what nothing reads."""

import io
import json
import math
import struct
from typing import Any

import pytest

from formats.models.detection import classify
from formats.models.kinds import Family, ModelKind
from formats.models.safetensors_header import HeaderError, header_size, parse_header, read_header

UNET = "model.diffusion_model."
ATTENTION = "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"


def header_bytes(entries: dict[str, Any]) -> bytes:
    body = json.dumps(entries).encode()
    return struct.pack("<Q", len(body)) + body


def safetensors(shapes: dict[str, tuple[int, ...]], **metadata: str) -> bytes:
    entries: dict[str, Any] = {"__metadata__": metadata} if metadata else {}
    at = 0
    for name, shape in shapes.items():
        size = math.prod(shape)
        entries[name] = {"dtype": "U8", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    return header_bytes(entries) + b"\0" * at


SD1_TEXT = "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight"
CASES: list[Any] = [
    ({UNET + "x": (1,), SD1_TEXT: (1, 1)}, {}, ModelKind.CHECKPOINT, Family.SD1),
    ({UNET + "x": (1,), "cond_stage_model.model.x": (1,)}, {}, ModelKind.CHECKPOINT, Family.SD2),
    ({UNET + "x": (1,), "conditioner.embedders.0.x": (1,)}, {}, ModelKind.CHECKPOINT, Family.SDXL),
    (
        {UNET + ATTENTION: (320, 1024), "conditioner.embedders.0.model.x": (1,)},
        {},
        ModelKind.CHECKPOINT,
        Family.SD2,
    ),
    ({UNET + "x": (1,)}, {}, ModelKind.CHECKPOINT, Family.UNKNOWN),
    (
        {"control_model.input_hint_block.0.weight": (1,), "control_model." + ATTENTION: (320, 768)},
        {},
        ModelKind.CONTROLNET,
        Family.SD1,
    ),
    (
        {"input_hint_block.0.weight": (1,), ATTENTION: (320, 2048)},
        {},
        ModelKind.CONTROLNET,
        Family.SDXL,
    ),
    ({"controlnet_cond_embedding.conv_in.weight": (1,)}, {}, ModelKind.CONTROLNET, Family.UNKNOWN),
    ({"lora_unet_x_attn2_to_k.lora_down.weight": (4, 768)}, {}, ModelKind.LORA, Family.SD1),
    ({"lora_unet_x_attn2_to_k.lora_down.weight": (4, 1024)}, {}, ModelKind.LORA, Family.SD2),
    ({"lora_te1_x.lora_down.weight": (4, 768)}, {}, ModelKind.LORA, Family.SDXL),
    ({"lora_te1_x.lora_down.weight": (4, 64)}, {}, ModelKind.LORA, Family.UNKNOWN),
    ({"lora_te_x.lora_down.weight": (4, 64)}, {}, ModelKind.LORA, Family.UNKNOWN),
    (
        {"lora_te_x.lora_down.weight": (4, 9)},
        {"ss_base_model_version": "sd_v1"},
        ModelKind.LORA,
        Family.SD1,
    ),
    (
        {"lora_te_x.lora_down.weight": (4, 9)},
        {"modelspec.architecture": "stable-diffusion-xl-v1-base/lora"},
        ModelKind.LORA,
        Family.SDXL,
    ),
    (
        {
            "lora_unet_x_attn2_to_k.hada_w1_a": (640, 8),
            "lora_unet_x_attn2_to_k.hada_w1_b": (8, 2048),
        },
        {},
        ModelKind.LORA,
        Family.SDXL,
    ),
    (
        {"lora_unet_x_attn2_to_k.lokr_w1": (8, 8), "lora_unet_x_attn2_to_k.lokr_w2": (40, 96)},
        {"ss_base_model_version": "sd_v1"},
        ModelKind.LORA,
        Family.SD1,
    ),
    (
        {
            "lora_unet_x_attn2_to_k.lora_down.weight": (4, 768),
            "lora_te1_x_q_proj.lora_down.weight": (4, 768),
        },
        {"ss_base_model_version": "sdxl_base_v1-0"},
        ModelKind.LORA,
        Family.SD1,
    ),
    ({"lora_te_x_q_proj.lora_down.weight": (4, 768)}, {}, ModelKind.LORA, Family.SD1),
    ({"lora_te_x_q_proj.lora_down.weight": (4, 1280)}, {}, ModelKind.LORA, Family.SDXL),
    (
        {
            "lycoris_x_attn2_to_v.lokr_w1": (4, 16),
            "lycoris_x_attn2_to_v.lokr_w2_a": (9, 4),
            "lycoris_x_attn2_to_v.lokr_w2_b": (4, 128),
        },
        {},
        ModelKind.LORA,
        Family.SDXL,
    ),
    (
        {"base_model.model.down_blocks.1.x.attn2.to_k.lora_A.weight": (4, 768)},
        {},
        ModelKind.LORA,
        Family.SD1,
    ),
    (
        {"down_blocks.1.x.attn2.to_k.lora_A.default_0.weight": (4, 2048)},
        {},
        ModelKind.LORA,
        Family.SDXL,
    ),
    ({"diffusion_model.x.attn2.to_k.diff": (320, 1024)}, {}, ModelKind.LORA, Family.SD2),
    ({"lora_unet_x_norm1.w_norm": (320,)}, {}, ModelKind.LORA, Family.UNKNOWN),
    ({"text_encoder.x.lora_A.weight": (4, 768)}, {}, ModelKind.LORA, Family.UNKNOWN),
    ({"lora_unet_label_emb_0_0.lora_down.weight": (4, 9)}, {}, ModelKind.LORA, Family.SDXL),
    (
        {UNET + ATTENTION: (320, 1024), "cond_stage_model.transformer.x": (1,)},
        {},
        ModelKind.CHECKPOINT,
        Family.SD2,
    ),
    (
        {UNET + ATTENTION: (320, 768), "conditioner.embedders.0.transformer.x": (1,)},
        {},
        ModelKind.CHECKPOINT,
        Family.SD1,
    ),
    (
        {"vae.encoder.conv_in.weight": (1,), "vae.decoder.conv_in.weight": (1,)},
        {},
        ModelKind.VAE,
        Family.UNKNOWN,
    ),
    (
        {"text_encoders_0": (2, 768), "text_encoders_1": (2, 1280)},
        {},
        ModelKind.EMBEDDING,
        Family.SDXL,
    ),
    ({"unet.x.attn2.processor.to_k_lora.down.weight": (4, 768)}, {}, ModelKind.LORA, Family.SD1),
    ({"lora_te_x_q_proj.lora_down.weight": (4, 1024)}, {}, ModelKind.LORA, Family.SD2),
    (
        {"unet.x.lora_A.weight": (4, 9), "text_encoder_2.x.lora_A.weight": (4, 9)},
        {},
        ModelKind.LORA,
        Family.SDXL,
    ),
    ({"emb_params": (2, 768)}, {}, ModelKind.EMBEDDING, Family.SD1),
    ({"clip_g": (2, 1280), "clip_l": (2, 768)}, {}, ModelKind.EMBEDDING, Family.SDXL),
    ({"<token>": (1024,)}, {}, ModelKind.EMBEDDING, Family.SD2),
    ({"sks": (768,)}, {}, ModelKind.EMBEDDING, Family.SD1),
    ({"*": (75, 1024)}, {}, ModelKind.EMBEDDING, Family.SD2),
    ({"my-style": (2, 1280)}, {}, ModelKind.EMBEDDING, Family.UNKNOWN),
    ({"<token>": (3, 64)}, {}, ModelKind.EMBEDDING, Family.UNKNOWN),
    ({"<token>": (3, 3, 768)}, {}, None, Family.UNKNOWN),
    ({"my-style": (76, 768)}, {}, None, Family.UNKNOWN),
    ({"my-style": (2, 64)}, {}, None, Family.UNKNOWN),
    ({"norm.weight": (768,)}, {}, None, Family.UNKNOWN),
    ({"sks": (2, 768), "more": (1,)}, {}, None, Family.UNKNOWN),
    ({"scale": ()}, {}, None, Family.UNKNOWN),
    ({"lora_te_x_q_proj.lora_down.weight": ()}, {}, ModelKind.LORA, Family.UNKNOWN),
    ({"lora_unet_x_attn2_to_k.lora_down.weight": ()}, {}, ModelKind.LORA, Family.UNKNOWN),
    ({"emb_params": ()}, {}, ModelKind.EMBEDDING, Family.UNKNOWN),
    (
        {
            "first_stage_model.encoder.conv_in.weight": (1,),
            "first_stage_model.decoder.conv_in.weight": (1,),
        },
        {},
        ModelKind.VAE,
        Family.UNKNOWN,
    ),
    ({"conv_first.weight": (1,)}, {}, ModelKind.UPSCALER, Family.UNKNOWN),
    ({"something.else": (1,)}, {}, None, Family.UNKNOWN),
]


@pytest.mark.parametrize(("shapes", "metadata", "kind", "family"), CASES)
def test_classify(
    shapes: dict[str, tuple[int, ...]], metadata: dict[str, str], kind: Any, family: Family
) -> None:
    found = classify(parse_header(safetensors(shapes, **metadata)))
    assert (found.kind, found.family) == (kind, family)


LORA = "lora_unet_x.lora_down.weight"
HINT = "input_hint_block.0.weight"
UNSUPPORTED: list[Any] = [
    ({"lora_unet_x.oft_blocks": (4, 8, 8)}, ModelKind.LORA, "OFT"),
    ({"lora_unet_x.oft_blocks": (2, 4, 8, 8)}, ModelKind.LORA, "BOFT"),
    ({"lora_unet_x.oft_diag": (4, 8, 8), LORA: (4, 8)}, ModelKind.LORA, "OFT"),
    ({"base_model.model.x.boft_R": (2, 4, 8, 8)}, ModelKind.LORA, "BOFT"),
    ({"lora_unet_x.a1.weight": (4, 8)}, ModelKind.LORA, "GLoRA"),
    ({"lora_unet_x.on_input": (), "lora_unet_x.weight": (8,)}, ModelKind.LORA, "IA3"),
    ({"transformer.x.lora_A.weight": (4, 8)}, ModelKind.LORA, "diffusion transformer"),
    ({"lora_unet_double_blocks_0_x.lora_down.weight": (4, 8)}, ModelKind.LORA, "Flux"),
    ({"diffusion_model.joint_blocks.0.x.lora_A.weight": (4, 8)}, ModelKind.LORA, "SD 3"),
    ({"down_blocks.0.motion_modules.0.x.lora.down.weight": (4, 8)}, ModelKind.LORA, "motion"),
    ({"lora_controlnet": (1,), HINT: (1,)}, ModelKind.CONTROLNET, "Control-LoRA"),
    ({"task_embedding": (1,), HINT: (1,)}, ModelKind.CONTROLNET, "ControlNet union"),
    ({"difference": (1,), HINT: (1,)}, ModelKind.CONTROLNET, "difference"),
    (
        {"controlnet_cond_embedding.conv_in.weight": (1,), "control_add_embedding.x": (1,)},
        ModelKind.CONTROLNET,
        "ControlNet union",
    ),
    ({"lllite_unet_x.down.0.weight": (4, 8)}, ModelKind.CONTROLNET, "ControlNet-LLLite"),
    ({"body.0.block1.weight": (1,), "conv_in.weight": (1,)}, ModelKind.CONTROLNET, "T2I-Adapter"),
    ({"body.0.body.0.block1.weight": (1,)}, ModelKind.CONTROLNET, "T2I-Adapter"),
    ({"body.0.in_conv.weight": (1,)}, ModelKind.CONTROLNET, "T2I-Adapter"),
    ({"adapter.body.0.resnets.0.block1.weight": (1,)}, ModelKind.CONTROLNET, "T2I-Adapter"),
    ({"controlnet_x_embedder.weight": (1,)}, ModelKind.CONTROLNET, "Flux"),
    ({"image_proj.proj.weight": (1,), "ip_adapter.1.to_k_ip.weight": (1,)}, None, "IP-Adapter"),
    ({"text_model.encoder.layers.0.self_attn.q_proj.weight": (1,)}, None, "text encoder"),
    ({"double_blocks.0.img_attn.qkv.weight": (1,)}, ModelKind.CHECKPOINT, "Flux"),
    ({UNET + "joint_blocks.0.x.weight": (1,)}, ModelKind.CHECKPOINT, "SD 3"),
    ({"up_blocks.0.resnets.0.conv1.weight": (1,)}, ModelKind.CHECKPOINT, "UNet alone"),
    ({UNET + "x": (1,)}, ModelKind.CHECKPOINT, "no text encoder"),
    ({UNET + "x": (1,), "edm_mean": (1,), SD1_TEXT: (1, 1)}, ModelKind.CHECKPOINT, "EDM"),
    (
        {UNET + "x": (1,), "conditioner.embedders.0.model.x": (1,)},
        ModelKind.CHECKPOINT,
        "refiner",
    ),
    (
        {UNET + "x": (1,), "conditioner.embedders.0.transformer.x": (1,)},
        ModelKind.CHECKPOINT,
        "lacks one of",
    ),
    *(
        (
            {UNET + "input_blocks.0.0.weight": (320, n, 3, 3), SD1_TEXT: (1, 1)},
            ModelKind.CHECKPOINT,
            word,
        )
        for n, word in ((5, "depth"), (7, "upscaler"), (8, "InstructPix2Pix"), (6, "6 channels"))
    ),
    *(
        (
            {UNET + "x": (1,), SD1_TEXT: (1, 1), f"{UNET}{entry}.cond_proj.weight": (320, 256)},
            ModelKind.CHECKPOINT,
            "LCM LoRA",
        )
        for entry in ("time_embed", "time_embedding")
    ),
    ({"encoder.layers.0.weight": (1,), "decoder.layers.0.weight": (1,)}, ModelKind.VAE, "TAESD"),
    ({"taesd_decoder.1.weight": (1,)}, ModelKind.VAE, "TAESD"),
    ({"decoder.conv_in.weight": (512, 4, 3, 3)}, ModelKind.VAE, "without its encoder"),
    (
        {"decoder.conv_in.weight": (512, 16, 3, 3), "encoder.conv_in.weight": (128, 3, 3, 3)},
        ModelKind.VAE,
        "16 channels",
    ),
]


@pytest.mark.parametrize(("shapes", "kind", "word"), UNSUPPORTED)
def test_what_nothing_reads_is_named(
    shapes: dict[str, tuple[int, ...]], kind: Any, word: str
) -> None:
    found = classify(parse_header(safetensors(shapes)))
    assert found.kind is kind
    assert found.unsupported is not None
    assert word in found.unsupported


SUPPORTED: list[dict[str, tuple[int, ...]]] = [
    {UNET + "input_blocks.0.0.weight": (320, n, 3, 3), SD1_TEXT: (1, 1)} for n in (4, 9)
]


@pytest.mark.parametrize(
    "shapes",
    [
        *SUPPORTED,
        {UNET + "x": (1,), "conditioner.embedders.0.x": (1,), "conditioner.embedders.1.x": (1,)},
        {HINT: (1,)},
        {"controlnet_cond_embedding.conv_in.weight": (1,), "down_blocks.0.x": (1,)},
        {"decoder.conv_in.weight": (512, 4, 3, 3), "encoder.conv_in.weight": (128, 3, 3, 3)},
        {LORA: (4, 8)},
        {"conv_first.weight": (1,), "body.0.rdb1.conv1.weight": (1,)},
        {"body.0.weight": (1,)},
        {"emb_params": (2, 768)},
        {"head.0.weight": (1,), "body.0.body.0.weight": (1,)},
    ],
)
def test_what_is_read_has_no_reason(shapes: dict[str, tuple[int, ...]]) -> None:
    assert classify(parse_header(safetensors(shapes))).unsupported is None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "too short"),
        (b"hello, this is plain text", "not a safetensors"),
        (struct.pack("<Q", 2**60) + b"{}", "not a safetensors"),
        (struct.pack("<Q", 100) + b"{}", "cut off"),
        (header_bytes({})[:-2] + b"[]", "not a safetensors"),
        (struct.pack("<Q", 4) + b"nope", "not a safetensors"),
        (header_bytes({"a": {"dtype": "F16"}}), "damaged"),
        (header_bytes({"a": 3}), "damaged"),
    ],
)
def test_other_files_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(HeaderError, match=message):
        parse_header(data)


def one(**changes: Any) -> dict[str, Any]:
    return {"dtype": "F16", "shape": [2, 3], "data_offsets": [0, 12], **changes}


def raw(body: bytes) -> bytes:
    return struct.pack("<Q", len(body)) + body


WRONG: dict[str, bytes] = {
    "overlap": header_bytes({"a": one(), "b": one(data_offsets=[6, 18])}),
    "hole": header_bytes({"a": one(), "b": one(data_offsets=[14, 26])}),
    "hole at the start": header_bytes({"a": one(data_offsets=[2, 14])}),
    "negative place": header_bytes({"a": one(data_offsets=[-12, 0])}),
    "negative side": header_bytes({"a": one(shape=[-2, -3])}),
    "end before start": header_bytes({"a": one(shape=[0], data_offsets=[12, 0])}),
    "unknown type": header_bytes({"a": one(dtype="F17")}),
    "other size than shape": header_bytes({"a": one(shape=[2, 4])}),
    "half a byte": header_bytes({"a": one(dtype="F4", shape=[1], data_offsets=[0, 1])}),
    "side without end": header_bytes({"a": one(shape=[2**64])}),
    "side that is no whole number": header_bytes({"a": one(shape=[2.0, 3])}),
    "side that is a truth value": header_bytes({"a": one(shape=[True, 6])}),
    "too many sides": header_bytes({"a": one(shape=[1] * 65)}),
    "name twice": raw(b'{"a": %s, "a": %s}' % ((json.dumps(one()).encode(),) * 2)),
    "metadata that is no text": header_bytes({"__metadata__": {"a": 1}}),
    "metadata that is no table": header_bytes({"__metadata__": []}),
    "a list": raw(b"[1, 2]"),
    "no UTF-8": raw(b'{"\xff": 1}'),
    "lone surrogate": raw(b'{"__metadata__": {"\\ud800": 1}}'),
    "no JSON": raw(b'{"a": NaN}'),
    "number of 5,000 digits": raw(b'{"a": %s}' % (b"1" * 5000)),
    "nested": raw(b'{"a":' + b"[" * 30_000 + b"]" * 30_000 + b"}"),
    "nested tables": raw(b'{"a":' * 15_000 + b"1" + b"}" * 15_000),
    "too many tensors": raw(b"{%s}" % b",".join(b'"%d":{}' % n for n in range(30_000))),
    "too many objects": raw(b'{"a":[' + b"{}," * 60_000 + b"{}]}"),
    "too many values": raw(b'{"a":[' + b"1," * 2_000_000 + b"1]}"),
    "too long": struct.pack("<Q", 9 * 2**20) + b"{}",
}


@pytest.mark.parametrize("data", WRONG.values(), ids=WRONG)
def test_what_the_safetensors_library_refuses_is_refused(data: bytes) -> None:
    with pytest.raises(HeaderError):
        parse_header(data + b"\0" * 64)


@pytest.mark.parametrize("change", [-1, 1])
def test_a_file_of_another_length_is_refused(change: int) -> None:
    data = safetensors({"a": (4,)})
    with pytest.raises(HeaderError, match="cut off or damaged"):
        read_header(io.BytesIO(data), len(data) + change)


def test_header_size_is_enough_for_a_ranged_read() -> None:
    data = safetensors({"a": (4,)})
    assert parse_header(data[: header_size(data[:8])]).file_size == len(data)
