"""Each family's checkpoints: their text encoders, what they predict, and that they draw."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from diffusers import (
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
)
from diffusers.loaders.single_file_utils import convert_open_clip_checkpoint
from PIL import Image
from safetensors.torch import load_file
from transformers import CLIPTokenizer

from formats.generation.controlnet_unit import ControlNetUnit
from formats.generation.samplers import Sampler, Schedule
from formats.models.kinds import ModelKind
from formats.models.safetensors_header import Header, TensorInfo
from sagemaker_container.engine.control.units import LoadedUnit, control_tensor
from sagemaker_container.engine.files.weights_file import Sidecar
from sagemaker_container.engine.models import latents
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.engine.models.prediction import detect_prediction, probe_v_prediction
from sagemaker_container.engine.prompt.encoder import (
    EncodedPrompts,
    PromptEmbeds,
    PromptEncoder,
    PromptSpec,
    ScheduledPrompt,
)
from sagemaker_container.engine.prompt.tokenizer import clip_tokenizer
from sagemaker_container.engine.sampling.denoise import BatchItem, Denoiser
from sagemaker_container.engine.sampling.noise import Seeds
from sagemaker_container.engine.sampling.schedulers import SamplerPlan
from tests.sagemaker_container.conftest import CPU, Opener
from tests.support import tiny_models

Draw = Callable[..., torch.Tensor]
SDXL_SECOND = "conditioner.embedders.1.model."


@pytest.fixture(scope="module")
def xl(loader: NetworkLoader, opened: Opener) -> Checkpoint:
    return loader.load_checkpoint(opened("tiny-xl"))


@pytest.fixture
def sd2(loader: NetworkLoader, opened: Opener) -> Checkpoint:
    return loader.load_checkpoint(opened("tiny-sd2"))


def made_up(checkpoint: Checkpoint, pooled: float | None = None) -> EncodedPrompts:
    """A prompt of no words."""
    width = checkpoint.unet.config.cross_attention_dim
    wanted = torch.full((1, 77, width), 0.1)
    second = None if pooled is None else torch.full((1, tiny_models.OPEN_CLIP), pooled)
    lines = [ScheduledPrompt(((2, PromptEmbeds(states, second)),)) for states in (wanted, -wanted)]
    return EncodedPrompts((lines[0],), lines[1], 3)


@pytest.fixture
def draw() -> Draw:
    """Two pictures of two steps, with a made-up prompt unless one is given."""

    def drawn(
        checkpoint: Checkpoint,
        pooled: float | None = None,
        encoded: EncodedPrompts | None = None,
        units: Sequence[LoadedUnit] = (),
        **fields: Any,
    ) -> torch.Tensor:
        plan = SamplerPlan(Sampler.EULER, Schedule.AUTOMATIC, 2, last_steps=2 if fields else None)
        denoiser = Denoiser(checkpoint, checkpoint.vae, plan, 7, width=64, height=64, units=units)
        maps = [control_tensor(Image.linear_gradient("L").resize((64, 64)))] * len(units)
        prompts = encoded or made_up(checkpoint, pooled)
        rows = [BatchItem(Seeds(seed), prompts, maps, **fields) for seed in (1, 2)]
        return denoiser.run(rows, lambda *_: None)

    return drawn


def test_sdxl_draws_with_both_readings_of_a_prompt(draw: Draw, xl: Checkpoint) -> None:
    start = latents.encode(xl.vae, Image.new("RGB", (64, 64), "red"))
    drawn = draw(xl, 0.5)
    assert drawn.shape == (2, 4, 8, 8)
    assert torch.isfinite(drawn).all()
    assert torch.isfinite(draw(xl, 0.5, start=start)).all()
    assert not torch.equal(drawn, draw(xl, -0.5))


def test_sd2_draws(draw: Draw, sd2: Checkpoint) -> None:
    assert torch.isfinite(draw(sd2)).all()


@pytest.mark.parametrize(
    ("name", "plain"),
    [("tiny-sd2", StableDiffusionPipeline), ("tiny-xl", StableDiffusionXLPipeline)],
)
def test_a_family_draws_what_plain_diffusers_draws(
    loader: NetworkLoader, opened: Opener, draw: Draw, name: str, plain: Any
) -> None:
    """From the words on: tokens, padding, layers, pooled prompt and sizes."""
    checkpoint = loader.load_checkpoint(opened(name))
    words, padded = clip_tokenizer(), clip_tokenizer()
    padded.pad_token = "!"
    tokenizers = {"tokenizer": words, "tokenizer_2": padded}
    if name == "tiny-sd2":
        tokenizers = {"tokenizer": padded, "safety_checker": None, "feature_extractor": None}
    encoders = zip(checkpoint.text_encoders, ("", "_2"), strict=False)
    pipeline = plain(
        vae=checkpoint.vae,
        unet=checkpoint.unet,
        scheduler=SamplerPlan(Sampler.EULER, Schedule.AUTOMATIC, 2).scheduler(0),
        **{f"text_encoder{ending}": encoder.model for encoder, ending in encoders},
        **tokenizers,
    )
    drawn = pipeline(
        "a cute dog",
        negative_prompt="a cat",
        width=64,
        height=64,
        guidance_scale=7,
        num_inference_steps=2,
        generator=[torch.Generator().manual_seed(seed) for seed in (1, 2)],
        num_images_per_prompt=2,
        output_type="latent",
    ).images
    encoder = PromptEncoder(words, checkpoint.text_encoders)
    encoded = encoder.encode(PromptSpec("a cute dog", "a cat", 1, steps=2))
    assert torch.equal(draw(checkpoint, encoded=encoded), drawn)


@pytest.mark.parametrize(
    ("names", "pooled"),
    [
        (("tiny-inpainting", "tiny-control-stripped"), None),
        (("tiny-xl-inpainting", "tiny-control-xl"), 0.5),
    ],
)
def test_an_inpainting_checkpoint_draws_whole_pictures(
    draw: Draw, loader: NetworkLoader, opened: Opener, names: tuple[str, str], pooled: float | None
) -> None:
    checkpoint = loader.load_checkpoint(opened(names[0]))
    net = loader.load_controlnet(opened(names[1], ModelKind.CONTROLNET), checkpoint)
    asked = ControlNetUnit(model="net.safetensors", image="0" * 64)
    unit = LoadedUnit(net, asked)
    start = latents.encode(checkpoint.vae, Image.new("RGB", (64, 64), "red"))
    assert checkpoint.is_inpainting
    pictures = [
        draw(checkpoint, pooled),
        draw(checkpoint, pooled, start=start),
        draw(checkpoint, pooled, units=[unit]),
    ]
    assert all(torch.isfinite(picture).all() for picture in pictures)


def test_a_full_mask_is_the_one_of_the_inpainting_pipeline(
    loader: NetworkLoader, opened: Opener, tokenizer: CLIPTokenizer, draw: Draw
) -> None:
    checkpoint = loader.load_checkpoint(opened("tiny-inpainting"))
    wanted, grey = torch.full((1, 77, 64), 0.1), checkpoint.vae.encode(torch.zeros(1, 3, 64, 64))
    pipeline = StableDiffusionInpaintPipeline(
        vae=checkpoint.vae,
        text_encoder=checkpoint.text_encoder,
        tokenizer=tokenizer,
        unet=checkpoint.unet,
        scheduler=SamplerPlan(Sampler.EULER, Schedule.AUTOMATIC, 2).scheduler(0),
        safety_checker=None,
        feature_extractor=None,
    )
    drawn = pipeline(
        prompt_embeds=wanted,
        negative_prompt_embeds=-wanted,
        image=Image.new("RGB", (64, 64)),
        mask_image=Image.new("L", (64, 64), 255),
        masked_image_latents=grey.latent_dist.mode() * checkpoint.vae.config.scaling_factor,
        width=64,
        height=64,
        strength=1.0,
        guidance_scale=7,
        num_inference_steps=2,
        generator=torch.Generator().manual_seed(1),
        output_type="latent",
    ).images
    assert torch.allclose(draw(checkpoint)[0], drawn[0], atol=4e-3 * drawn.abs().max().item())


def test_heads_are_as_wide_as_the_family_has_them(
    checkpoint: Checkpoint, sd2: Checkpoint, xl: Checkpoint
) -> None:
    heads = [
        c.unet.mid_block.attentions[0].transformer_blocks[0].attn1.heads
        for c in (checkpoint, sd2, xl)
    ]
    assert heads == [8, 1, 1]


def test_open_clip_comes_as_diffusers_converts_it(xl: Checkpoint, opened: Opener) -> None:
    tensors = load_file(opened("tiny-xl").path)
    second = xl.text_encoders[1].model
    wanted = convert_open_clip_checkpoint(second, tensors, prefix=SDXL_SECOND)
    state = second.state_dict()
    assert {name for name in wanted if "logit" not in name} == set(state)
    assert all(torch.equal(state[name], wanted[name].float()) for name in state)


def test_how_each_family_reads_its_prompts(
    checkpoint: Checkpoint, sd2: Checkpoint, xl: Checkpoint
) -> None:
    def read(of: Checkpoint) -> list[tuple[int, int, bool, bool, bool]]:
        return [
            (e.pad_id, e.layer, e.final_norm, e.uses_clip_skip, e.has_pooled_output)
            for e in of.text_encoders
        ]

    assert read(checkpoint) == [(49407, 1, True, True, False)]
    assert read(sd2) == [(0, 1, True, False, False)]
    assert read(xl) == [(49407, 2, False, False, False), (0, 2, False, False, True)]


def test_an_encoder_that_lost_its_last_layer_already(
    tmp_path: Any, loader: NetworkLoader, opened: Opener, sd2: Checkpoint
) -> None:
    """diffusers exports SD 2.x without the layer that is never read."""
    tensors = tiny_models.weights(tiny_models.sd2_checkpoint(tiny_models.TINY_SD2), 9)
    path = tmp_path / "exported.safetensors"
    kept = {name: t for name, t in tensors.items() if "resblocks.1." not in name}
    tiny_models.save(path, kept, {})
    file = opened("tiny-sd2")
    header = Header(
        tensors={n: t for n, t in file.header.tensors.items() if n in kept},
        metadata={},
        data_start=0,
    )
    loaded = loader.load_checkpoint(replace(file, path=path, header=header))
    ours, theirs = (c.text_encoder.state_dict() for c in (loaded, sd2))
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


@pytest.mark.parametrize("name", ["tiny-noise-v1", "tiny-sd2", "tiny-xl"])
def test_every_part_has_one_type(opened: Opener, name: str) -> None:
    """Where a configuration names a type and the call doesn't, a text encoder comes out mixed."""
    half = replace(CPU, dtype=torch.bfloat16)
    checkpoint = NetworkLoader(half).load_checkpoint(opened(name))
    for part in (checkpoint.unet, *(e.model for e in checkpoint.text_encoders)):
        assert {p.dtype for p in part.parameters()} == {torch.bfloat16}
    assert {p.dtype for p in checkpoint.vae.parameters()} == {torch.float32}


def test_sdxls_vae_is_never_in_float16(opened: Opener) -> None:
    half = replace(CPU, dtype=torch.float16, vae_dtype=torch.float16)
    loader = NetworkLoader(half)
    assert loader.load_checkpoint(opened("tiny-xl")).vae.dtype is torch.float32
    assert loader.load_checkpoint(opened("tiny-sd2")).vae.dtype is torch.float16


@pytest.mark.parametrize(
    ("marks", "metadata", "sidecar", "wanted"),
    [
        ((), {}, {}, ("epsilon", False)),
        (("v_pred",), {}, {}, ("v_prediction", False)),
        (("v_pred", "ztsnr"), {}, {}, ("v_prediction", True)),
        ((), {"modelspec.prediction_type": "v"}, {}, ("v_prediction", False)),
        ((), {}, {"prediction_type": "v_prediction"}, ("v_prediction", False)),
        ((), {}, {"rescale_betas_zero_snr": True}, ("epsilon", True)),
        (
            ("v_pred", "ztsnr"),
            {"modelspec.prediction_type": "v"},
            {"prediction_type": "epsilon", "rescale_betas_zero_snr": False},
            ("epsilon", False),
        ),
    ],
)
def test_what_the_unet_predicts(
    opened: Opener,
    marks: tuple[str, ...],
    metadata: dict[str, str],
    sidecar: dict[str, Any],
    wanted: tuple[str, bool],
) -> None:
    mark = TensorInfo(dtype="F16", shape=(), data_offsets=(0, 0))
    header = Header(tensors=dict.fromkeys(marks, mark), metadata=metadata, data_start=0)
    file = opened("tiny-noise-v1")
    said = replace(file, header=header, sidecar=Sidecar.model_validate(sidecar))
    found = detect_prediction(said, unet=None)  # what is said needs no asking
    assert (found.kind, found.zero_terminal_snr) == wanted


def test_an_unmarked_sd2_is_asked(sd2: Checkpoint, opened: Opener) -> None:
    """The flat answer stands for a trained one: noise is about 0.5 there, velocity far below."""
    file, conv = opened("tiny-sd2"), sd2.unet.conv_out
    with torch.no_grad():
        conv.weight.zero_()
        answers = []
        for level in (0.5, -1.5):
            conv.bias.fill_(level)
            answers.append((probe_v_prediction(sd2.unet), detect_prediction(file, sd2.unet).kind))
    assert answers == [(False, "epsilon"), (True, "v_prediction")]
    modelspec = file.header.model_copy(
        update={"metadata": {"modelspec.prediction_type": "epsilon"}}
    )
    assert detect_prediction(replace(file, header=modelspec), sd2.unet).kind == "epsilon"
