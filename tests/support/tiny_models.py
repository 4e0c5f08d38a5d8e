"""Writes tiny model files with random weights, good and broken ones: `tiny_models.py FOLDER`.

Their pictures are noise. They have the key layout of SD 1.x, of Stability's and kohya's files
alike, so everything that loads a real file loads these; the sizes are chosen for the CPU
(a 64-128 px picture of 4 steps takes a fraction of a second). Needs numpy only, and gives the
same bytes on every run.
"""

import functools
import json
import math
import struct
import sys
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Shapes = dict[str, tuple[int, ...]]
Array: TypeAlias = NDArray[np.float16]


@dataclass(frozen=True)
class Sizes:
    """Widths of an SD1-layout model; attention says which UNet levels read the prompt."""

    unet: tuple[int, ...] = (32, 64)
    attention: tuple[bool, ...] = (False, True)
    layers: int = 1
    context: int = 64
    text_layers: int = 2
    vae: tuple[int, ...] = (32, 32, 32, 32)
    vae_layers: int = 1
    hint: tuple[int, ...] = (16, 16, 32, 32)
    vocabulary: int = 49408
    reads: int = 4
    """Channels: 9 for an inpainting UNet."""
    depth: tuple[int, ...] = (1, 1, 1, 1)
    """Transformer blocks of each level's attention."""
    linear: bool = False
    """Whether attentions are entered through linear layers (SD 2.x, SDXL) or convolutions."""
    added: int = 0
    """Width of SDXL's pooled prompt and size encodings; 0 for the other families."""


TINY = Sizes()
INPAINTING = replace(TINY, reads=9)
TINY_SD2 = replace(TINY, linear=True)
OPEN_CLIP = 96
"""Width of the projection that SDXL's pooled prompt goes through."""
TINY_XL = replace(
    TINY,
    unet=(32, 64, 64),
    attention=(False, True, True),
    depth=(1, 1, 2),
    context=128,
    linear=True,
    added=OPEN_CLIP + 6 * 256,
)
TEXT_XL = replace(TINY, context=64)
"""Each of SDXL's two text encoders; their widths together are what its UNet reads."""
OTHER_WIDTH = replace(TINY, unet=(64, 64), context=128)


def size(shape: tuple[int, ...]) -> int:
    """Numbers in a tensor."""
    return math.prod(shape)


def linear(name: str, out: int, inp: int, *, bias: bool = True) -> Shapes:
    return {f"{name}.weight": (out, inp)} | ({f"{name}.bias": (out,)} if bias else {})


def conv(name: str, out: int, inp: int, kernel: int = 3) -> Shapes:
    return {f"{name}.weight": (out, inp, kernel, kernel), f"{name}.bias": (out,)}


def norm(name: str, width: int) -> Shapes:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


def unet_encoder(sizes: Sizes) -> Shapes:
    """The half of the UNet that a ControlNet copies."""
    first = sizes.unet[0]
    shapes = linear("time_embed.0", first * 4, first) | linear("time_embed.2", first * 4, first * 4)
    shapes |= conv("input_blocks.0.0", first, sizes.reads)
    if sizes.added:
        shapes |= linear("label_emb.0.0", first * 4, sizes.added)
        shapes |= linear("label_emb.0.2", first * 4, first * 4)
    number, width = 1, first
    for level, out in enumerate(sizes.unet):
        for _ in range(sizes.layers):
            shapes |= _block(f"input_blocks.{number}", width, out, sizes, level)
            number, width = number + 1, out
        if level < len(sizes.unet) - 1:
            shapes |= conv(f"input_blocks.{number}.0.op", out, out)
            number += 1
    shapes |= _resnet("middle_block.0", width, width, first * 4)
    shapes |= _transformer("middle_block.1", width, sizes, sizes.depth[len(sizes.unet) - 1])
    return shapes | _resnet("middle_block.2", width, width, first * 4)


def skip_widths(sizes: Sizes) -> list[int]:
    """Widths of what the encoder hands over to the decoder, in its order."""
    widths = [sizes.unet[0]]
    for level, out in enumerate(sizes.unet):
        widths += [out] * sizes.layers
        widths += [out] if level < len(sizes.unet) - 1 else []
    return widths


def unet(sizes: Sizes) -> Shapes:
    shapes, skips = unet_encoder(sizes), skip_widths(sizes)
    number, width = 0, sizes.unet[-1]
    for level, out in reversed(list(enumerate(sizes.unet))):
        for layer in range(sizes.layers + 1):
            name = f"output_blocks.{number}"
            shapes |= _block(name, width + skips.pop(), out, sizes, level)
            number, width = number + 1, out
            if level and layer == sizes.layers:
                shapes |= conv(f"{name}.{1 + sizes.attention[level]}.conv", out, out)
    return shapes | norm("out.0", width) | conv("out.2", 4, width)


def _block(name: str, inp: int, out: int, sizes: Sizes, level: int) -> Shapes:
    shapes = _resnet(f"{name}.0", inp, out, sizes.unet[0] * 4)
    if sizes.attention[level]:
        shapes |= _transformer(f"{name}.1", out, sizes, sizes.depth[level])
    return shapes


def _resnet(name: str, inp: int, out: int, time: int) -> Shapes:
    shapes = norm(f"{name}.in_layers.0", inp) | conv(f"{name}.in_layers.2", out, inp)
    shapes |= linear(f"{name}.emb_layers.1", out, time)
    shapes |= norm(f"{name}.out_layers.0", out) | conv(f"{name}.out_layers.3", out, out)
    return shapes | (conv(f"{name}.skip_connection", out, inp, 1) if inp != out else {})


def _transformer(name: str, width: int, sizes: Sizes, depth: int) -> Shapes:
    way = linear if sizes.linear else functools.partial(conv, kernel=1)
    shapes = norm(f"{name}.norm", width) | way(f"{name}.proj_in", width, width)
    for number in range(depth):
        shapes |= _transformer_block(f"{name}.transformer_blocks.{number}", width, sizes.context)
    return shapes | way(f"{name}.proj_out", width, width)


def _transformer_block(block: str, width: int, context: int) -> Shapes:
    shapes: Shapes = {}
    for attention, reads in (("attn1", width), ("attn2", context)):
        shapes |= linear(f"{block}.{attention}.to_q", width, width, bias=False)
        shapes |= linear(f"{block}.{attention}.to_k", width, reads, bias=False)
        shapes |= linear(f"{block}.{attention}.to_v", width, reads, bias=False)
        shapes |= linear(f"{block}.{attention}.to_out.0", width, width)
    for number in (1, 2, 3):
        shapes |= norm(f"{block}.norm{number}", width)
    shapes |= linear(f"{block}.ff.net.0.proj", width * 8, width)
    return shapes | linear(f"{block}.ff.net.2", width, width * 4)


def vae(sizes: Sizes) -> Shapes:
    widths, last = sizes.vae, sizes.vae[-1]
    shapes = conv("quant_conv", 8, 8, 1) | conv("post_quant_conv", 4, 4, 1)
    shapes |= conv("encoder.conv_in", widths[0], 3) | conv("decoder.conv_in", last, 4)
    shapes |= norm("encoder.norm_out", last) | conv("encoder.conv_out", 8, last)
    shapes |= norm("decoder.norm_out", widths[0]) | conv("decoder.conv_out", 3, widths[0])
    for half in ("encoder", "decoder"):
        for block in ("block_1", "block_2"):
            shapes |= _vae_resnet(f"{half}.mid.{block}", last, last)
        shapes |= norm(f"{half}.mid.attn_1.norm", last)
        for part in ("q", "k", "v", "proj_out"):
            shapes |= conv(f"{half}.mid.attn_1.{part}", last, last, 1)
    return shapes | dict(_vae_levels(widths, sizes.vae_layers))


def _vae_levels(widths: tuple[int, ...], layers: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    top = len(widths) - 1
    for level, out in enumerate(widths):
        below, above = widths[max(level - 1, 0)], widths[min(level + 1, top)]
        for block in range(layers + 1):
            inp = out if block else below
            if block < layers:
                yield from _vae_resnet(f"encoder.down.{level}.block.{block}", inp, out).items()
            inp = out if block else above
            yield from _vae_resnet(f"decoder.up.{level}.block.{block}", inp, out).items()
        if level < top:
            yield from conv(f"encoder.down.{level}.downsample.conv", out, out).items()
        if level:
            yield from conv(f"decoder.up.{level}.upsample.conv", out, out).items()


def _vae_resnet(name: str, inp: int, out: int) -> Shapes:
    shapes = norm(f"{name}.norm1", inp) | conv(f"{name}.conv1", out, inp)
    shapes |= norm(f"{name}.norm2", out) | conv(f"{name}.conv2", out, out)
    return shapes | (conv(f"{name}.nin_shortcut", out, inp, 1) if inp != out else {})


def text_encoder(sizes: Sizes) -> Shapes:
    width = sizes.context
    shapes: Shapes = {
        "embeddings.token_embedding.weight": (sizes.vocabulary, width),
        "embeddings.position_embedding.weight": (77, width),
    }
    for number in range(sizes.text_layers):
        layer = f"encoder.layers.{number}"
        for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
            shapes |= linear(f"{layer}.self_attn.{part}", width, width)
        shapes |= norm(f"{layer}.layer_norm1", width) | norm(f"{layer}.layer_norm2", width)
        shapes |= linear(f"{layer}.mlp.fc1", width * 4, width)
        shapes |= linear(f"{layer}.mlp.fc2", width, width * 4)
    return shapes | norm("final_layer_norm", width)


def open_clip(sizes: Sizes, projection: int = OPEN_CLIP) -> Shapes:
    """OpenCLIP's own names, with queries, keys and values in one matrix."""
    width = sizes.context
    shapes: Shapes = {
        "token_embedding.weight": (sizes.vocabulary, width),
        "positional_embedding": (77, width),
        "text_projection": (width, projection),
        "logit_scale": (),
    }
    for number in range(sizes.text_layers):
        shapes |= open_clip_layer(sizes, number)
    return shapes | norm("ln_final", width)


def open_clip_layer(sizes: Sizes, number: int) -> Shapes:
    layer, width = f"transformer.resblocks.{number}", sizes.context
    shapes: Shapes = {
        f"{layer}.attn.in_proj_weight": (width * 3, width),
        f"{layer}.attn.in_proj_bias": (width * 3,),
    }
    shapes |= linear(f"{layer}.attn.out_proj", width, width)
    shapes |= norm(f"{layer}.ln_1", width) | norm(f"{layer}.ln_2", width)
    shapes |= linear(f"{layer}.mlp.c_fc", width * 4, width)
    return shapes | linear(f"{layer}.mlp.c_proj", width, width * 4)


def checkpoint(sizes: Sizes) -> Shapes:
    """The layout of SD 1.x."""
    text = _prefixed("cond_stage_model.transformer.text_model.", text_encoder(sizes))
    return _drawing_parts(sizes) | text


def sd2_checkpoint(sizes: Sizes) -> Shapes:
    return _drawing_parts(sizes) | _prefixed("cond_stage_model.model.", open_clip(sizes))


def xl_checkpoint(
    sizes: Sizes, text: Sizes = TEXT_XL, second: Sizes = TEXT_XL, projection: int = OPEN_CLIP
) -> Shapes:
    first = "conditioner.embedders.0.transformer.text_model."
    return (
        _drawing_parts(sizes)
        | _prefixed(first, text_encoder(text))
        | _prefixed("conditioner.embedders.1.model.", open_clip(second, projection))
    )


def _drawing_parts(sizes: Sizes) -> Shapes:
    return (
        _prefixed("model.diffusion_model.", unet(sizes))
        | _prefixed("first_stage_model.", vae(sizes))
        | {"alphas_cumprod": (1000,)}
    )


def controlnet(sizes: Sizes) -> Shapes:
    a, b, c, d = sizes.hint
    ways = ((0, 3, a), (2, a, a), (4, a, b), (6, b, b), (8, b, c), (10, c, c), (12, c, d))
    shapes = unet_encoder(replace(sizes, reads=4))
    for number, inp, out in (*ways, (14, d, sizes.unet[0])):
        shapes |= conv(f"input_hint_block.{number}", out, inp)
    for number, width in enumerate(skip_widths(sizes)):
        shapes |= conv(f"zero_convs.{number}.0", width, width, 1)
    return shapes | conv("middle_block_out.0", sizes.unet[-1], sizes.unet[-1], 1)


def lora(sizes: Sizes, *, rank: int = 4) -> Shapes:
    """kohya's keys for one level's attention, a convolution (LoCon) and the text encoder."""
    level, width, context = len(sizes.unet) - 1, sizes.unet[-1], sizes.context
    attention = f"lora_unet_down_blocks_{level}_attentions_0_transformer_blocks_0"
    layers = "lora_te_text_model_encoder_layers"
    shapes: Shapes = {}
    for name, out, inp in (
        *((f"{attention}_attn1_{part}", width, width) for part in ("to_q", "to_k", "to_out_0")),
        *((f"{attention}_attn2_{part}", width, context) for part in ("to_k", "to_v")),
        (f"{attention}_ff_net_0_proj", width * 8, width),
        *((f"{layers}_{i}_self_attn_q_proj", context, context) for i in range(sizes.text_layers)),
        *((f"{layers}_{i}_mlp_fc1", context * 4, context) for i in range(sizes.text_layers)),
    ):
        shapes |= {f"{name}.lora_down.weight": (rank, inp), f"{name}.lora_up.weight": (out, rank)}
        shapes |= {f"{name}.alpha": ()}
    name = f"lora_unet_down_blocks_{level}_resnets_0_conv2"
    shapes |= {f"{name}.lora_down.weight": (rank, width, 3, 3), f"{name}.alpha": ()}
    return shapes | {f"{name}.lora_up.weight": (width, rank, 1, 1)}


def upscaler(*, ups: int = 1, channels: int = 3) -> Shapes:
    """One block of Real-ESRGAN's; each of the `ups` doubles the picture."""
    width, growth = 8, 4
    shapes = conv("conv_first", width, channels) | conv("conv_body", width, width)
    for part in (1, 2, 3):
        for number in range(1, 6):
            out, inp = (width if number == 5 else growth), width + (number - 1) * growth
            shapes |= conv(f"body.0.rdb{part}.conv{number}", out, inp)
    for number in range(1, ups + 1):
        shapes |= conv(f"conv_up{number}", width, width)
    return shapes | conv("conv_hr", width, width) | conv("conv_last", 3, width)


def compact_upscaler() -> Shapes:
    """Real-ESRGAN's small form: 8 features, twice the size."""
    shapes = conv("body.0", 8, 3) | {"body.1.weight": (8,)} | conv("body.2", 8, 8)
    return shapes | {"body.3.weight": (8,)} | conv("body.4", 3 * 2 * 2, 8)


def sdxl_refiner() -> Shapes:
    """What tells an SDXL refiner: its header is right, most of its tensors are left out."""
    text = "conditioner.embedders.0.model.token_embedding.weight"
    return _prefixed("model.diffusion_model.", unet_encoder(TINY)) | {text: (64, 64)}


def sdxl_lora() -> Shapes:
    name = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"
    return {f"{name}.lora_down.weight": (4, 2048), f"{name}.lora_up.weight": (64, 4)}


def xl_lora() -> Shapes:
    """Stability's name in the UNet, kohya's for both text encoders; the first one is a DoRA."""
    attention = "lora_unet_input_blocks_5_1_transformer_blocks_1_attn2_to_k"
    text = "text_model_encoder_layers_0_self_attn_q_proj"
    shapes: Shapes = {f"{attention}.dora_scale": (64, 1)}
    for name, inp in ((attention, 128), (f"lora_te1_{text}", 64), (f"lora_te2_{text}", 64)):
        shapes |= {f"{name}.lora_down.weight": (4, inp), f"{name}.lora_up.weight": (64, 4)}
        shapes |= {f"{name}.alpha": ()}
    return shapes


def _prefixed(prefix: str, shapes: Shapes) -> Shapes:
    return {prefix + name: shape for name, shape in shapes.items()}


def weights(shapes: Mapping[str, tuple[int, ...]], seed: int) -> dict[str, Array]:
    """Random weights, each tensor's from its own name, so that files can share tensors."""
    return {name: _tensor(name, shape, seed) for name, shape in shapes.items()}


def _tensor(name: str, shape: tuple[int, ...], seed: int) -> Array:
    random = np.random.default_rng([seed, zlib.crc32(name.encode())])
    if name.endswith(".alpha"):
        return np.asarray(4, dtype=np.float16)
    if len(shape) == 1:
        # One dimension: a norm's weight, or a bias.
        return np.full(shape, 1 if name.endswith(".weight") else 0, dtype=np.float16)
    fan_in = int(np.prod(shape[1:])) if len(shape) > 1 else 1
    values: Array = (random.standard_normal(shape) / np.sqrt(fan_in)).astype(np.float16)
    return values


def save(path: Path, tensors: Mapping[str, Array], metadata: Mapping[str, str]) -> None:
    """A safetensors file: length of the header, header, the tensors' bytes."""
    header: dict[str, object] = {"__metadata__": dict(metadata)}
    offset = 0
    for name, tensor in tensors.items():
        place = [offset, offset + tensor.nbytes]
        header[name] = {"dtype": "F16", "shape": tensor.shape, "data_offsets": place}
        offset += tensor.nbytes
    encoded = json.dumps(header).encode()
    encoded += b" " * (-len(encoded) % 8)
    data = b"".join(tensor.tobytes() for tensor in tensors.values())
    path.write_bytes(struct.pack("<Q", len(encoded)) + encoded + data)


SD1 = {"modelspec.architecture": "stable-diffusion-v1"}
SD1_LORA = {
    "ss_base_model_version": "sd_v1",
    "ss_output_name": "tiny-style",
    "modelspec.description": "Noise of another kind.",
    "modelspec.trigger_phrase": "noisy",
}
XL = {"modelspec.architecture": "stable-diffusion-xl-v1-base"}


def write_models(folder: Path) -> None:
    """All files, good and broken; what each is for stands in its name."""
    folder.mkdir(parents=True, exist_ok=True)
    control, style = controlnet(TINY), weights(lora(TINY), 4)
    stray: dict[str, Array] = {"lora_unet_nowhere.lora_down.weight": np.ones((4, 8), np.float16)}
    files: dict[str, tuple[dict[str, Array], Mapping[str, str]]] = {
        "tiny-noise-v1": (weights(checkpoint(TINY), 1), SD1),
        "tiny-noise-v2": (weights(checkpoint(TINY), 2), {}),
        "tiny-control-openpose": (weights(_prefixed("control_model.", control), 3), SD1),
        "tiny-control-stripped": (weights(control, 5), {}),
        "tiny-control-sd2": (weights(controlnet(TINY_SD2), 3), {}),
        "tiny-control-xl": (weights(controlnet(TINY_XL), 3), {}),
        "tiny-control-other-width": (weights(controlnet(OTHER_WIDTH), 3), {}),
        "tiny-style-lora": (style, SD1_LORA),
        "tiny-style-lora-partial": (style | stray, SD1_LORA),
        "tiny-vae": (weights(vae(TINY), 6), {}),
        "tiny-sdxl-checkpoint": (weights(sdxl_refiner(), 7), XL),
        "tiny-sd2": (weights(sd2_checkpoint(TINY_SD2), 9), {}),
        "tiny-inpainting": (weights(checkpoint(INPAINTING), 1), {}),
        "tiny-xl-inpainting": (weights(xl_checkpoint(replace(TINY_XL, reads=9)), 10), XL),
        "tiny-xl": (weights(xl_checkpoint(TINY_XL), 10), XL),
        "tiny-xl-lora": (weights(xl_lora(), 8), {}),
        "tiny-sdxl-lora": (weights(sdxl_lora(), 8), {}),
        "tiny-upscaler": (weights(upscaler(), 14), {}),
        "tiny-upscaler-compact": (weights(compact_upscaler(), 15), {}),
        "tiny-embedding": (weights({"emb_params": (2, 64)}, 11), {}),
        "tiny-embedding-diffusers": (weights({"<tiny>": (1, 64)}, 12), {}),
        "tiny-embedding-xl": (weights({"clip_l": (2, 64), "clip_g": (2, 64)}, 13), {}),
    }
    for name, (tensors, metadata) in files.items():
        save(folder / f"{name}.safetensors", tensors, metadata)
    _write_broken(folder)


def _write_broken(folder: Path) -> None:
    good = (folder / "tiny-noise-v1.safetensors").read_bytes()
    (folder / "broken-truncated.safetensors").write_bytes(good[: len(good) // 2])
    (folder / "broken-text.safetensors").write_text("These are the weights. Honestly.\n" * 9)
    part = {k: v for k, v in weights(checkpoint(TINY), 1).items() if "middle_block.2" not in k}
    save(folder / "broken-incomplete.safetensors", part, SD1)


if __name__ == "__main__":
    write_models(Path(sys.argv[1]))
