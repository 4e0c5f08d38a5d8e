"""The same tensors change the same weights in every layout, or are refused by their right name."""

import json
from collections.abc import Callable

import pytest
import torch

from formats.generation.result import ErrorCode
from sagemaker_container.engine.lora.merge import LoraMerger, TensorMatches
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.errors import JobError
from tests.sagemaker_container.conftest import Opener
from tests.sagemaker_container.engine.lora.conftest import (
    DOWN,
    LINEAR,
    UP,
    Saver,
    Tensors,
    randn,
    weight_of,
)

BLOCK = LINEAR.removesuffix(".attn2.to_k")
TO_Q, TO_OUT = f"{BLOCK}.attn1.to_q", f"{BLOCK}.attn1.to_out.0"
FLAT = LINEAR.replace(".", "_")
TEXT = "encoder.layers.0.self_attn.{}"
CHANGE = UP @ DOWN
Pair = tuple[str, str]


def pair(down: str, up: str) -> Callable[[str], Pair]:
    return lambda layer: (layer + down, layer + up)


KOHYA = pair(".lora_down.weight", ".lora_up.weight")
PEFT = pair(".lora_A.weight", ".lora_B.weight")
OLD = pair("_lora.down.weight", "_lora.up.weight")
UNET_LAYOUTS = {
    "kohya": KOHYA(f"lora_unet_{FLAT}"),
    "kohya, Stability's paths": KOHYA("lora_unet_input_blocks_3_1_transformer_blocks_0_attn2_to_k"),
    "SimpleTuner's LyCORIS": KOHYA(f"lycoris_{FLAT}"),
    "diffusers": PEFT(f"unet.{LINEAR}"),
    "diffusers' save_lora_adapter": PEFT(LINEAR),
    "peft": PEFT(f"base_model.model.{LINEAR}"),
    "peft below diffusers' prefix": PEFT(f"unet.base_model.model.{LINEAR}"),
    "adapter called default": pair(".lora_A.default.weight", ".lora_B.default.weight")(LINEAR),
    "adapter called default_0": pair(".lora_A.default_0.weight", ".lora_B.default_0.weight")(
        f"unet.{LINEAR}"
    ),
    "without .weight": pair(".lora_A", ".lora_B")(f"unet.{LINEAR}"),
    "diffusers' processors": OLD(f"unet.{BLOCK}.attn2.processor.to_k"),
    "diffusers' processors without a prefix": OLD(f"{BLOCK}.attn2.processor.to_k"),
    "diffusers' lora": pair(".lora.down.weight", ".lora.up.weight")(f"unet.{LINEAR}"),
    "diffusers' lora_linear_layer": pair(
        ".lora_linear_layer.down.weight", ".lora_linear_layer.up.weight"
    )(f"unet.{LINEAR}"),
    "ComfyUI": KOHYA("diffusion_model.input_blocks.3.1.transformer_blocks.0.attn2.to_k"),
    "ComfyUI without a prefix": KOHYA("input_blocks.3.1.transformer_blocks.0.attn2.to_k"),
}


@pytest.mark.parametrize("layout", UNET_LAYOUTS)
def test_every_layout_changes_the_same_layer_of_the_unet(
    checkpoint: Checkpoint, saved_lora: Saver, layout: str
) -> None:
    before = weight_of(checkpoint, LINEAR).clone()
    down, up = UNET_LAYOUTS[layout]
    lora = saved_lora({down: DOWN, up: UP})
    assert LoraMerger(checkpoint).merge([lora]) == [TensorMatches(2, 0)]
    assert torch.allclose(weight_of(checkpoint, LINEAR), before + 0.5 * CHANGE, atol=1e-6)


def test_diffusers_names_the_outputs_without_a_number(
    checkpoint: Checkpoint, saved_lora: Saver
) -> None:
    names = OLD(f"unet.{BLOCK}.attn1.processor.to_out")
    before = weight_of(checkpoint, TO_OUT).clone()
    down, up = randn(4, 64), randn(64, 4)
    LoraMerger(checkpoint).merge([saved_lora(dict(zip(names, (down, up), strict=True)))])
    assert torch.allclose(weight_of(checkpoint, TO_OUT), before + 0.5 * (up @ down), atol=1e-6)


Q, FLAT_Q = TEXT.format("q_proj"), TEXT.format("q_proj").replace(".", "_")
FIRST = [
    KOHYA(f"lora_te_text_model_{FLAT_Q}"),
    KOHYA(f"lora_te1_text_model_{FLAT_Q}"),
    KOHYA(f"lora_te_{FLAT_Q}"),
    PEFT(f"text_encoder.text_model.{Q}"),
    PEFT(f"text_encoder.{Q}"),
    PEFT(f"base_model.model.text_model.{Q}"),
    PEFT(f"text_model.{Q}"),
    KOHYA(f"text_encoders.clip_l.transformer.text_model.{Q}"),
    KOHYA(f"text_encoders.clip_l.transformer.{Q}"),
    OLD(f"text_encoder.text_model.{TEXT.format('to_q')}"),
    pair(".lora_linear_layer.down.weight", ".lora_linear_layer.up.weight")(
        f"text_encoder.text_model.{Q}"
    ),
]
SECOND = [
    KOHYA(f"lora_te2_text_model_{FLAT_Q}"),
    KOHYA(f"lora_te2_{FLAT_Q}"),
    PEFT(f"text_encoder_2.text_model.{Q}"),
    PEFT(f"text_encoder_2.{Q}"),
    KOHYA(f"text_encoders.clip_g.transformer.text_model.{Q}"),
    KOHYA(f"text_encoders.clip_g.transformer.{Q}"),
]


@pytest.fixture(scope="module")
def xl(loader: NetworkLoader, opened: Opener) -> Checkpoint:
    return loader.load_checkpoint(opened("tiny-xl"))


@pytest.mark.parametrize(("names", "number"), [*((n, 0) for n in FIRST), *((n, 1) for n in SECOND)])
def test_every_layout_changes_the_same_layer_of_a_text_encoder(
    xl: Checkpoint, saved_lora: Saver, names: Pair, number: int
) -> None:
    layers = [e.transformer.encoder.layers[0].self_attn.q_proj for e in xl.text_encoders]
    before = [layer.weight.clone() for layer in layers]
    merger, (down, up) = LoraMerger(xl), names
    assert merger.merge([saved_lora({down: DOWN, up: UP})]) == [TensorMatches(2, 0)]
    changed = [not torch.equal(new.weight, old) for new, old in zip(layers, before, strict=True)]
    assert changed == [number == 0, number == 1]
    assert torch.allclose(layers[number].weight, before[number] + 0.5 * CHANGE, atol=1e-6)
    merger.merge([])


@pytest.mark.parametrize("names", FIRST)
def test_the_same_layouts_of_a_single_text_encoder(
    checkpoint: Checkpoint, saved_lora: Saver, names: Pair
) -> None:
    lora = saved_lora(dict(zip(names, (DOWN, UP), strict=True)))
    assert LoraMerger(checkpoint).merge([lora]) == [TensorMatches(2, 0)]


@pytest.mark.parametrize(
    "name",
    [
        "lora_te2_text_projection",
        "text_encoder_2.text_projection",
        "text_encoders.clip_g.transformer.text_projection",
    ],
)
def test_the_text_projection(xl: Checkpoint, saved_lora: Saver, name: str) -> None:
    projection = xl.text_encoders[1].model.text_projection.weight
    before, (down, up) = projection.clone(), (randn(4, 64), randn(96, 4))
    merger, names = LoraMerger(xl), KOHYA(name)
    merger.merge([saved_lora(dict(zip(names, (down, up), strict=True)))])
    assert torch.allclose(projection, before + 0.5 * (up @ down), atol=1e-6)
    merger.merge([])
    assert torch.equal(projection, before)


LOKR: Tensors = {"lokr_w1": randn(8, 4), "lokr_w2": randn(8, 16)}


@pytest.mark.parametrize(
    ("config", "parts", "layer", "factor"),
    [
        ({"unet.r": 4, "unet.lora_alpha": 8}, {}, f"unet.{LINEAR}", 2),
        ({"r": 4, "lora_alpha": 8}, {}, LINEAR, 2),
        ({"r": 4, "lora_alpha": 8, "use_rslora": True}, {}, LINEAR, 4),
        ({"unet.lora_alpha": 2}, {}, f"unet.{LINEAR}", 0.5),
        ({"unet.r": 8, "unet.lora_alpha": 8, "unet.rank_pattern": {LINEAR: 4}}, {}, LINEAR, 2),
        ({"unet.lora_alpha": 8, "unet.alpha_pattern": {"attn2.to_k": 1}}, {}, LINEAR, 0.25),
        ({"unet.lora_alpha": 8, "unet.alpha_pattern": {"tn2.to_k": 1}}, {}, LINEAR, 2),
        ({"unet.lora_alpha": 8, "unet.alpha_pattern": {f"^{LINEAR}": 1}}, {}, LINEAR, 0.25),
        ({"unet.lora_alpha": 8, "unet.alpha_pattern": {r".*\.to_k": 1, "(": 2}}, {}, LINEAR, 0.25),
        ({"unet.lora_alpha": 8, "unet.alpha_pattern": {r"down.*to_k": 1}}, {}, LINEAR, 0.25),
        ({"unet.lora_alpha": 8, "unet.alpha_pattern": {r"\d+\..*n2.*k": 1}}, {}, LINEAR, 0.25),
        ({"unet.lora_alpha": 8, "unet.alpha_pattern": {r"attn2.to_(q|k)": 1}}, {}, LINEAR, 0.25),
        ({"unet.lora_alpha": 8, "unet.alpha_pattern": {r"(.*.*)*x": 1}}, {}, LINEAR, 2),
        ({"unet.lora_alpha": 8, "unet.alpha_pattern": {".*" * 100 + "x": 1}}, {}, LINEAR, 2),
        ({"unet.lora_alpha": 10**400}, {}, LINEAR, 1),
        ({"unet.lora_alpha": float("nan"), "unet.r": 1}, {}, LINEAR, 1),
        ({"text_encoder.lora_alpha": 8}, {}, f"unet.{LINEAR}", 1),
        ({"unet.lora_alpha": 8}, {"alpha": torch.tensor(2.0)}, f"unet.{LINEAR}", 0.5),
        ({}, {}, LINEAR, 1),
        ([1], {}, LINEAR, 1),
        ({"unet.lora_alpha": None, "unet.r": "4"}, {}, f"unet.{LINEAR}", 1),
    ],
)
def test_an_alpha_in_the_header_scales_the_change(
    saved_lora: Saver, config: object, parts: Tensors, layer: str, factor: float
) -> None:
    """peft's rule: alpha by rank, or by its square root (peft tuners/lora/layer.py)."""
    down, up = PEFT(layer)
    tensors = {down: DOWN, up: UP, **{f"{layer}.{name}": part for name, part in parts.items()}}
    lora = saved_lora(tensors, {"lora_adapter_metadata": json.dumps(config)}).lora
    (found,) = lora.layers.values()
    assert torch.allclose(found.delta("cpu"), CHANGE * factor, atol=1e-6)


def test_pefts_alpha_scales_a_kronecker_product_of_whole_matrices(saved_lora: Saver) -> None:
    """peft tuners/lokr/layer.py, get_delta_weight; LyCORIS' alpha in the tensors does not."""
    tensors = {f"{LINEAR}.{name}": part for name, part in LOKR.items()}
    config = json.dumps({"r": 4, "alpha": 8})
    (found,) = saved_lora(tensors, {"lora_adapter_metadata": config}).lora.layers.values()
    assert torch.allclose(found.delta("cpu"), torch.kron(*LOKR.values()) * 2, atol=1e-6)


@pytest.mark.parametrize(
    ("metadata", "factor"),
    [
        ({"unet.lora_alpha": "8", "unet.r": "4"}, 2),
        ({"lora_alpha": "8", "r": "4"}, 2),
        ({"lora_alpha": "8"}, 2),
        ({"text_encoder.lora_alpha": "8"}, 1),
        ({"lora_alpha": "NaN"}, 1),
        ({"lora_alpha": "much"}, 1),
        ({"ss_network_alpha": "8"}, 1),
    ],
)
def test_the_fields_may_stand_in_the_header_itself(
    saved_lora: Saver, metadata: dict[str, str], factor: float
) -> None:
    down, up = PEFT(f"unet.{LINEAR}")
    (found,) = saved_lora({down: DOWN, up: UP}, metadata).lora.layers.values()
    assert torch.allclose(found.delta("cpu"), CHANGE * factor, atol=1e-6)


def test_a_header_that_is_no_configuration_is_left_out(saved_lora: Saver) -> None:
    down, up = PEFT(LINEAR)
    lora = saved_lora({down: DOWN, up: UP}, {"lora_adapter_metadata": "{"}).lora
    assert torch.allclose(lora.layers[f"unet.{LINEAR}"].delta("cpu"), CHANGE)


FLAT_OUT, FLAT_NORM = TO_OUT.replace(".", "_"), f"{BLOCK}.norm2".replace(".", "_")
FULL = [
    (LINEAR, "weight", {f"lora_unet_{FLAT}.diff": randn(64, 64)}, randn(64, 64)),
    (TO_OUT, "bias", {f"lora_unet_{FLAT_OUT}.diff_b": randn(64)}, randn(64)),
    (f"{BLOCK}.norm2", "weight", {f"lora_unet_{FLAT_NORM}.w_norm": randn(64)}, randn(64)),
    (f"{BLOCK}.norm2", "bias", {f"lora_unet_{FLAT_NORM}.b_norm": randn(64)}, randn(64)),
    ("conv_norm_out", "weight", {"diffusion_model.out.0.diff": randn(32)}, randn(32)),
    ("conv_in", "bias", {"diffusion_model.input_blocks.0.0.diff_b": randn(32)}, randn(32)),
    (
        "down_blocks.1.resnets.0.norm1",
        "weight",
        {"diffusion_model.input_blocks.3.0.in_layers.0.diff": randn(32)},
        randn(32),
    ),
]


@pytest.mark.parametrize(("path", "name", "tensors", "change"), FULL)
def test_full_differences_change_weights_biases_and_norms(
    checkpoint: Checkpoint,
    saved_lora: Saver,
    path: str,
    name: str,
    tensors: Tensors,
    change: torch.Tensor,
) -> None:
    changed = getattr(checkpoint.unet.get_submodule(path), name)
    before, merger = changed.clone(), LoraMerger(checkpoint)
    assert merger.merge([saved_lora(tensors)]) == [TensorMatches(1, 0)]
    assert torch.allclose(changed, before + 0.5 * change, atol=1e-6)
    merger.merge([])
    assert torch.equal(changed, before)


def test_pefts_bias_is_scaled_as_the_weight_is(checkpoint: Checkpoint, saved_lora: Saver) -> None:
    """peft tuners/lora/layer.py, merge: the bias of B times the scaling."""
    down, up = PEFT(TO_OUT)
    bias = checkpoint.unet.get_submodule(TO_OUT).bias
    before, config = bias.clone(), json.dumps({"r": 4, "lora_alpha": 8, "lora_bias": True})
    tensors = {down: randn(4, 64), up: randn(64, 4), f"{TO_OUT}.lora_B.bias": randn(64)}
    lora = saved_lora(tensors, {"lora_adapter_metadata": config})
    assert LoraMerger(checkpoint).merge([lora]) == [TensorMatches(3, 0)]
    assert torch.allclose(bias, before + 0.5 * 2 * randn(64), atol=1e-6)


def test_what_finds_no_layer_is_named(checkpoint: Checkpoint, saved_lora: Saver) -> None:
    names = [*KOHYA(f"lora_unet_{FLAT}"), *KOHYA("lora_te2_text_projection")]
    extra = {"bundle_emb.cat.emb_params": torch.ones(1, 64)}
    lora = saved_lora(dict(zip(names, (DOWN, UP, DOWN * 2, UP * 2), strict=True)) | extra)
    (found,) = LoraMerger(checkpoint).merge([lora])
    assert (found.matched, found.unmatched) == (2, 3)
    assert set(found.unmatched_layers) == {"lora_te2_text_projection", *extra}


@pytest.mark.parametrize(
    ("ending", "shape", "name"),
    [
        ("oft_blocks", (4, 16, 16), "OFT"),
        ("oft_diag", (4, 16, 16), "OFT"),
        ("oft_R.weight", (4, 120), "OFT"),
        ("oft_blocks", (2, 4, 16, 16), "BOFT"),
        ("boft_R", (2, 4, 16, 16), "BOFT"),
        ("a1.weight", (4, 64), "GLoRA"),
        ("on_input", (1,), "IA3"),
        ("ia3_l", (64, 1), "IA3"),
        ("lora_E", (4, 1), "AdaLoRA"),
        ("vera_lambda_b", (64,), "VeRA"),
        ("set_weight", (64, 64), "set_weight"),
    ],
)
def test_another_algorithm_is_refused_by_its_name(
    saved_lora: Saver, ending: str, shape: tuple[int, ...], name: str
) -> None:
    both = {f"lora_unet_{FLAT}.lora_down.weight": DOWN, f"lora_unet_{FLAT}.lora_up.weight": UP}
    for others in ({}, both):
        with pytest.raises(JobError, match=rf"\b{name} is not supported") as refused:
            saved_lora({f"lora_unet_{FLAT}.{ending}": torch.ones(*shape), **others})
        assert refused.value.code is ErrorCode.UNSUPPORTED


@pytest.mark.parametrize("channels", [4, 9])
def test_an_inpainting_unet_takes_a_plain_ones_input_layer(
    loader: NetworkLoader, opened: Opener, saved_lora: Saver, channels: int
) -> None:
    checkpoint = loader.load_checkpoint(opened("tiny-inpainting"))
    weight = checkpoint.unet.conv_in.weight
    before, change = weight.clone(), randn(32, channels, 3, 3)
    lora = saved_lora({"diffusion_model.input_blocks.0.0.diff": change})
    LoraMerger(checkpoint).merge([lora])
    assert torch.allclose((weight - before)[:, :channels], 0.5 * change, atol=1e-6)
    assert torch.equal(weight[:, channels:], before[:, channels:])
