"""Each LoRA algorithm's formula, and which layer each key means."""

import pytest
import torch
from safetensors.torch import load_file

from formats.generation.result import ErrorCode
from sagemaker_container.engine.lora.algorithms import LoraLayer
from sagemaker_container.engine.lora.merge import LoraMerger, TensorMatches
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.errors import JobError
from tests.sagemaker_container.conftest import Opener
from tests.sagemaker_container.engine.lora.conftest import (
    ALPHA,
    CONV,
    CONV_DOWN,
    CONV_UP,
    CORE,
    DOWN,
    LINEAR,
    UP,
    A,
    B,
    Saver,
    Tensors,
    randn,
    weight_of,
)

ALGORITHMS = [
    (LINEAR, {"lora_down.weight": DOWN, "lora_up.weight": UP, "alpha": ALPHA}, UP @ DOWN / 2),
    (
        CONV,
        {"lora_down.weight": CONV_DOWN, "lora_up.weight": CONV_UP},
        torch.einsum("or,rikl->oikl", CONV_UP[:, :, 0, 0], CONV_DOWN),
    ),
    (
        CONV,
        {
            "lora_down.weight": randn(4, 64, 1, 1),
            "lora_mid.weight": CORE,
            "lora_up.weight": CONV_UP,
        },
        torch.einsum("or,rskl,si->oikl", CONV_UP[:, :, 0, 0], CORE, randn(4, 64, 1, 1)[:, :, 0, 0]),
    ),
    (
        LINEAR,
        {"hada_w1_a": A, "hada_w1_b": B, "hada_w2_a": UP, "hada_w2_b": DOWN, "alpha": ALPHA},
        (A @ B) * (UP @ DOWN) / 2,
    ),
    (
        CONV,
        {
            "hada_w1_a": A.T,
            "hada_w1_b": B,
            "hada_t1": CORE,
            "hada_w2_a": UP.T,
            "hada_w2_b": DOWN,
            "hada_t2": CORE * 2,
        },
        torch.einsum("rskl,ro,si->oikl", CORE, A.T, B)
        * torch.einsum("rskl,ro,si->oikl", CORE * 2, UP.T, DOWN),
    ),
    (
        LINEAR,
        {"lokr_w1": randn(8, 4), "lokr_w2": randn(8, 16), "alpha": ALPHA},
        torch.kron(randn(8, 4), randn(8, 16)),
    ),  # no rank, no scaling
    (
        LINEAR,
        {
            "lokr_w1_a": randn(8, 2),
            "lokr_w1_b": randn(2, 8),
            "lokr_w2": randn(8, 8),
            "alpha": ALPHA,
        },
        torch.kron(randn(8, 2) @ randn(2, 8), randn(8, 8)),
    ),
    (
        CONV,
        {
            "lokr_w1": randn(4, 4),
            "lokr_w2_a": randn(16, 4),
            "lokr_w2_b": randn(4, 144),
            "alpha": ALPHA,
        },
        torch.kron(
            randn(4, 4)[:, :, None, None], (randn(16, 4) @ randn(4, 144)).reshape(16, 16, 3, 3)
        )
        / 2,
    ),
]


@pytest.mark.parametrize(("layer", "parts", "change"), ALGORITHMS)
def test_each_algorithm_adds_what_its_formula_says(
    checkpoint: Checkpoint, saved_lora: Saver, layer: str, parts: Tensors, change: torch.Tensor
) -> None:
    merger = LoraMerger(checkpoint)
    before = weight_of(checkpoint, layer).clone()
    name = f"lora_unet_{layer.replace('.', '_')}"
    lora = saved_lora({f"{name}.{ending}": tensor for ending, tensor in parts.items()})
    assert merger.merge([lora]) == [TensorMatches(len(parts), 0)]
    assert torch.allclose(weight_of(checkpoint, layer), before + 0.5 * change, atol=1e-6)
    merger.merge([])
    assert torch.equal(weight_of(checkpoint, layer), before)


@pytest.mark.parametrize(
    "parts",
    [
        {"lokr_w1": randn(8, 8), "lokr_w2": randn(4, 8)},
        {"hada_w1_a": A, "hada_w1_b": B, "hada_w2_a": UP, "hada_w2_b": randn(3, 64)},
        {"lora_down.weight": DOWN, "lora_up.weight": UP, "dora_scale": randn(63, 1)},
        {"lora_down.weight": DOWN, "lora_up.weight": UP, "alpha": randn(2)},
        {"lora_down.weight": randn(64), "lora_up.weight": UP},
    ],
)
def test_mismatched_parts_are_refused(
    merger: LoraMerger, saved_lora: Saver, parts: Tensors
) -> None:
    name = f"lora_unet_{LINEAR.replace('.', '_')}"
    with pytest.raises(JobError, match="another size") as refused:
        merger.merge([saved_lora({f"{name}.{end}": t for end, t in parts.items()})])
    assert refused.value.code is ErrorCode.MODEL_MISMATCH


@pytest.mark.parametrize("name", ["tiny-noise-v1", "tiny-xl"])
def test_stabilitys_keys_mean_the_layers_of_the_file(
    loader: NetworkLoader, opened: Opener, name: str
) -> None:
    """For each weight and bias of the checkpoint, by its name in the checkpoint's file."""
    file = opened(name)
    checkpoint, prefix = loader.load_checkpoint(file), "model.diffusion_model."
    tensors = {
        n.removeprefix(prefix).removesuffix(".weight"): t.float()
        for n, t in load_file(file.path).items()
        if n.startswith(prefix)
    }
    targets = LoraMerger(checkpoint).targets
    for path, tensor in tensors.items():
        layer, bias = path.removesuffix(".bias"), ".bias" if path.endswith(".bias") else ""
        for key in (f"lora_unet_{layer.replace('.', '_')}{bias}", f"diffusion_model.{path}"):
            assert torch.equal(targets[key].weight, tensor), key


@pytest.mark.parametrize(
    ("names", "encoder"),
    [
        (
            (
                "lora_te1_text_model_encoder_layers_0_mlp_fc1",
                "text_encoder.text_model.encoder.layers.0.mlp.fc1",
            ),
            0,
        ),
        (
            (
                "lora_te2_text_model_encoder_layers_0_mlp_fc1",
                "text_encoder_2.text_model.encoder.layers.0.mlp.fc1",
            ),
            1,
        ),
    ],
)
def test_the_keys_of_sdxls_text_encoders(
    loader: NetworkLoader, opened: Opener, saved_lora: Saver, names: tuple[str, str], encoder: int
) -> None:
    checkpoint = loader.load_checkpoint(opened("tiny-xl"))
    layers = [e.transformer.encoder.layers[0].mlp.fc1 for e in checkpoint.text_encoders]
    before = [layer.weight.clone() for layer in layers]
    up, down = randn(256, 4), randn(4, 64)
    kohya = saved_lora({f"{names[0]}.lora_up.weight": up, f"{names[0]}.lora_down.weight": down})
    peft = saved_lora({f"{names[1]}.lora_B.weight": up, f"{names[1]}.lora_A.weight": down})
    LoraMerger(checkpoint).merge([kohya, peft])
    changed = [
        not torch.equal(layer.weight, was) for layer, was in zip(layers, before, strict=True)
    ]
    assert changed == [encoder == 0, encoder == 1]
    assert torch.allclose(layers[encoder].weight, before[encoder] + up @ down, atol=1e-5)


@pytest.mark.parametrize("prefix", ["unet.", ""])
def test_old_diffusers_keys(
    checkpoint: Checkpoint, merger: LoraMerger, saved_lora: Saver, prefix: str
) -> None:
    block = "down_blocks.1.attentions.0.transformer_blocks.0.attn1"
    tensors: Tensors = {}
    for way in ("to_q", "to_out"):
        name = f"{prefix}{block}.processor.{way}_lora"
        tensors |= {f"{name}.down.weight": randn(4, 64), f"{name}.up.weight": randn(64, 4)}
    before = [weight_of(checkpoint, f"{block}.{n}").clone() for n in ("to_q", "to_out.0")]
    assert merger.merge([saved_lora(tensors)]) == [TensorMatches(4, 0)]
    after = [weight_of(checkpoint, f"{block}.{n}") for n in ("to_q", "to_out.0")]
    assert not any(torch.equal(a, b) for a, b in zip(after, before, strict=True))


@pytest.mark.parametrize(
    "parts",
    [
        {"up": (4, 0), "down": (0, 4), "alpha": ()},
        {"up": (4, 1), "down": ()},
        {"diff": ()},
        {"lokr_w1": (1, 1), "lokr_w1_b": (), "lokr_w2": (4, 4), "alpha": ()},
        {"hada_w1_a": (4, 1), "hada_w1_b": (), "hada_w2_a": (4, 1), "hada_w2_b": ()},
    ],
)
def test_parts_without_sides_do_not_fit(parts: dict[str, tuple[int, ...]]) -> None:
    layer = LoraLayer({name: torch.ones(shape) for name, shape in parts.items()})
    assert not layer.fits(torch.ones(4, 4))
