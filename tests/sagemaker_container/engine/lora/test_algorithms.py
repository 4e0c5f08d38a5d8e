"""LoRA's relatives are merged by their own formulas; every name finds the layer it means."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from formats.generation.result import ErrorCode
from formats.models.kinds import ModelKind
from sagemaker_container.engine.files.weights_file import open_file
from sagemaker_container.engine.lora.file import read_lora
from sagemaker_container.engine.lora.merge import LoraPart, LoraSlot, Matched
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.errors import JobError
from tests.sagemaker_container.conftest import Opener

LINEAR = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k"
CONV = "down_blocks.1.resnets.0.conv2"
Tensors = dict[str, torch.Tensor]
Saver = Callable[[Tensors], LoraPart]


@pytest.fixture
def part(tmp_path: Path) -> Saver:
    """Writes tensors as a LoRA file and reads it with weight 0.5."""

    def saved(tensors: Tensors) -> LoraPart:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.safetensors"
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)
        file = open_file(ModelKind.LORA, path.name, path, path.stem.zfill(64), "disk")
        return LoraPart(read_lora(file), 0.5, 0.5)

    return saved


def randn(*shape: int) -> torch.Tensor:
    """Random and small; the same for the same shape."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape))) * 0.2


def weight_of(checkpoint: Checkpoint, layer: str) -> torch.Tensor:
    return checkpoint.unet.get_submodule(layer).weight


DOWN, UP, ALPHA = randn(4, 64), randn(64, 4), torch.tensor(2.0)
CONV_DOWN, CONV_UP = randn(4, 64, 3, 3), randn(64, 4, 1, 1)
A, B = randn(64, 4), randn(4, 64)
CORE = randn(4, 4, 3, 3)
FORMS = [
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


@pytest.mark.parametrize(("layer", "parts", "change"), FORMS)
def test_every_form_adds_what_its_formula_says(
    checkpoint: Checkpoint, part: Saver, layer: str, parts: Tensors, change: torch.Tensor
) -> None:
    loras = LoraSlot(checkpoint)
    before = weight_of(checkpoint, layer).clone()
    name = f"lora_unet_{layer.replace('.', '_')}"
    lora = part({f"{name}.{ending}": tensor for ending, tensor in parts.items()})
    assert loras.apply([lora]) == [Matched(len(parts), 0)]
    assert torch.allclose(weight_of(checkpoint, layer), before + 0.5 * change, atol=1e-6)
    loras.apply([])
    assert torch.equal(weight_of(checkpoint, layer), before)


def test_dora_learns_lengths_on_their_own(
    checkpoint: Checkpoint, loras: LoraSlot, part: Saver
) -> None:
    """Of each output (peft, LyCORIS now) or each input (LyCORIS before)."""
    name, kohya = f"unet.{LINEAR}", f"lora_unet_{LINEAR.replace('.', '_')}"
    before = weight_of(checkpoint, LINEAR).clone()
    merged = before + UP @ DOWN
    lengths = randn(64).abs() + 1
    by_output = merged / merged.norm(dim=1, keepdim=True) * lengths[:, None]
    by_input = merged / merged.norm(dim=0, keepdim=True) * lengths[None, :]
    files = [
        (
            {
                f"{name}.lora_A.weight": DOWN,
                f"{name}.lora_B.weight": UP,
                f"{name}.lora_magnitude_vector": lengths,
            },
            by_output,
        ),
        (
            {
                f"{kohya}.lora_down.weight": DOWN,
                f"{kohya}.lora_up.weight": UP,
                f"{kohya}.dora_scale": lengths[:, None],
            },
            by_output,
        ),
        (
            {
                f"{kohya}.lora_down.weight": DOWN,
                f"{kohya}.lora_up.weight": UP,
                f"{kohya}.dora_scale": lengths[None, :],
            },
            by_input,
        ),
    ]
    for tensors, wanted in files:
        assert loras.apply([part(tensors)]) == [Matched(3, 0)]
        half_way = before + 0.5 * (wanted - before)
        assert torch.allclose(weight_of(checkpoint, LINEAR), half_way, atol=1e-5)
    loras.apply([])
    assert torch.equal(weight_of(checkpoint, LINEAR), before)


def test_dora_of_a_convolution(checkpoint: Checkpoint, loras: LoraSlot, part: Saver) -> None:
    before = weight_of(checkpoint, CONV).clone()
    merged = before + torch.einsum("or,rikl->oikl", CONV_UP[:, :, 0, 0], CONV_DOWN)
    lengths = randn(64).abs() + 1
    norm = merged.flatten(1).norm(dim=1)
    name = f"unet.{CONV}"
    tensors = {
        f"{name}.lora_A.weight": CONV_DOWN,
        f"{name}.lora_B.weight": CONV_UP,
        f"{name}.lora_magnitude_vector": lengths[None, :, None, None],
    }
    loras.apply([part(tensors)])
    wanted = merged * (lengths / norm)[:, None, None, None]
    assert torch.allclose(weight_of(checkpoint, CONV), (before + wanted) / 2, atol=1e-5)


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
def test_parts_that_do_not_go_together(loras: LoraSlot, part: Saver, parts: Tensors) -> None:
    name = f"lora_unet_{LINEAR.replace('.', '_')}"
    with pytest.raises(JobError, match="another size") as refused:
        loras.apply([part({f"{name}.{end}": t for end, t in parts.items()})])
    assert refused.value.code is ErrorCode.MODEL_MISMATCH


@pytest.mark.parametrize("name", ["tiny-noise-v1", "tiny-xl"])
def test_stabilitys_names_mean_the_layers_of_the_file(
    loader: NetworkLoader, opened: Opener, name: str
) -> None:
    """A LoRA on each layer of the checkpoint, by the name that the checkpoint itself has."""
    file = opened(name)
    checkpoint, prefix = loader.load_checkpoint(file), "model.diffusion_model."
    layers = {
        n.removeprefix(prefix).removesuffix(".weight"): t.float()
        for n, t in load_file(file.path).items()
        if n.startswith(prefix) and n.endswith(".weight") and t.dim() > 1
    }
    targets = LoraSlot(checkpoint).targets
    for path, weight in layers.items():
        for written in (f"lora_unet_{path.replace('.', '_')}", f"diffusion_model.{path}"):
            assert torch.equal(targets[written].weight, weight), written


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
def test_sdxls_two_text_encoders(
    loader: NetworkLoader, opened: Opener, part: Saver, names: tuple[str, str], encoder: int
) -> None:
    checkpoint = loader.load_checkpoint(opened("tiny-xl"))
    layers = [e.transformer.encoder.layers[0].mlp.fc1 for e in checkpoint.text_encoders]
    before = [layer.weight.clone() for layer in layers]
    up, down = randn(256, 4), randn(4, 64)
    kohya = part({f"{names[0]}.lora_up.weight": up, f"{names[0]}.lora_down.weight": down})
    peft = part({f"{names[1]}.lora_B.weight": up, f"{names[1]}.lora_A.weight": down})
    LoraSlot(checkpoint).apply([kohya, peft])
    changed = [
        not torch.equal(layer.weight, was) for layer, was in zip(layers, before, strict=True)
    ]
    assert changed == [encoder == 0, encoder == 1]
    assert torch.allclose(layers[encoder].weight, before[encoder] + up @ down, atol=1e-5)


@pytest.mark.parametrize("prefix", ["unet.", ""])
def test_diffusers_older_names(
    checkpoint: Checkpoint, loras: LoraSlot, part: Saver, prefix: str
) -> None:
    block = "down_blocks.1.attentions.0.transformer_blocks.0.attn1"
    tensors: Tensors = {}
    for way in ("to_q", "to_out"):
        name = f"{prefix}{block}.processor.{way}_lora"
        tensors |= {f"{name}.down.weight": randn(4, 64), f"{name}.up.weight": randn(64, 4)}
    before = [weight_of(checkpoint, f"{block}.{n}").clone() for n in ("to_q", "to_out.0")]
    assert loras.apply([part(tensors)]) == [Matched(4, 0)]
    after = [weight_of(checkpoint, f"{block}.{n}") for n in ("to_q", "to_out.0")]
    assert not any(torch.equal(a, b) for a, b in zip(after, before, strict=True))
