"""Known faults of the libraries, and that none of them reaches a job.

If one of these tests fails after an update, its workaround can be removed.
"""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import init_empty_weights
from diffusers import (
    ControlNetModel,
    DPMSolverSDEScheduler,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from safetensors.torch import load_file
from transformers import CLIPTokenizer

from formats.generation.samplers import Sampler, Schedule
from formats.models.kinds import Family, ModelKind
from sagemaker_container.engine.device import Device
from sagemaker_container.engine.models import shapes
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader, config_folder
from sagemaker_container.engine.models.model_config import CONFIGS, packaged_config
from sagemaker_container.engine.sampling.schedulers import SamplerPlan
from tests.sagemaker_container.conftest import Opener

ORIGINAL: dict[str, Any] = {"model": {"params": {"control_stage_config": {"params": {}}}}}


@pytest.fixture
def pipeline(checkpoint: Checkpoint, tokenizer: CLIPTokenizer) -> Any:
    return StableDiffusionPipeline(
        vae=checkpoint.vae,
        text_encoder=checkpoint.text_encoder,
        tokenizer=tokenizer,
        unet=checkpoint.unet,
        scheduler=SamplerPlan(Sampler.EULER, Schedule.AUTOMATIC, 1).scheduler(0),
        safety_checker=None,
        feature_extractor=None,
    )


def test_diffusers_clip_skip_fails_with_transformers_5(pipeline: Any) -> None:
    """huggingface/diffusers issue 14124; prompts are encoded by `prompt.encoder`."""
    with pytest.raises(AttributeError):
        pipeline("a dog", clip_skip=1, num_inference_steps=1, width=64, height=64)


def test_from_pipe_casts_what_it_shares_to_float32(opened: Opener) -> None:
    """A job's passes use no pipeline."""
    half = Device("CPU", torch.device("cpu"), torch.bfloat16, torch.float32)
    unet = NetworkLoader(half).load_checkpoint(opened("tiny-noise-v1")).unet
    made = StableDiffusionPipeline(
        vae=None,
        text_encoder=None,
        tokenizer=None,
        unet=unet,
        scheduler=None,
        safety_checker=None,
        feature_extractor=None,
    )
    assert unet.dtype is torch.bfloat16
    StableDiffusionImg2ImgPipeline.from_pipe(made)
    assert unet.dtype is torch.float32


def test_diffusers_does_not_say_which_tensor_a_file_lacks(opened: Opener) -> None:
    """`NetworkLoader` looks for tensors on the meta device, and names the file."""
    file = opened("tiny-noise-v1")
    tensors = {n: t for n, t in load_file(file.path).items() if "time_embed.2.bias" not in n}
    config = packaged_config(Family.SD1, "unet") | shapes.unet(
        shapes.below(file.header, shapes.UNET_PREFIX)
    )
    with config_folder(config) as folder, pytest.raises(NotImplementedError, match="meta tensor"):
        UNet2DConditionModel.from_single_file(
            tensors, config=folder, local_files_only=True, torch_dtype=torch.float32
        )


def test_a_controlnet_cant_be_read_with_an_original_config(opened: Opener) -> None:
    """`NetworkLoader` gives it the configuration that its shapes imply."""
    path = opened("tiny-control-openpose", ModelKind.CONTROLNET).path
    with pytest.raises(TypeError):
        ControlNetModel.from_single_file(str(path), original_config=ORIGINAL, local_files_only=True)


def test_packaged_configurations_name_no_dtype() -> None:
    """If one did and the call didn't, transformers would build a text encoder of two dtypes."""
    for path in CONFIGS.glob("*/*/config.json"):
        assert "dtype" not in path.read_text(), path
        json.loads(path.read_text())


def test_a_network_built_during_a_load_is_empty() -> None:
    """accelerate patches the whole process, so only the inference thread builds networks.

    An import contract keeps them out of what the prefetch thread runs.
    """
    built: list[torch.nn.Linear] = []
    with init_empty_weights():
        thread = threading.Thread(target=lambda: built.append(torch.nn.Linear(2, 2)))
        thread.start()
        thread.join()
    assert built[0].weight.is_meta


@pytest.mark.filterwarnings("ignore:Should have t")  # diffusers' own class asks beyond the ends
def test_dpmpp_sde_has_random_noise_unless_it_is_given_a_seed() -> None:
    def stepped(**arguments: Any) -> torch.Tensor:
        scheduler = DPMSolverSDEScheduler(**arguments)
        scheduler.set_timesteps(4)
        sample = torch.ones(1, 4, 8, 8)
        return scheduler.step(sample, scheduler.timesteps[0], sample).prev_sample

    assert not torch.equal(stepped(), stepped())
    assert torch.equal(stepped(noise_sampler_seed=1), stepped(noise_sampler_seed=1))
    seeded = SamplerPlan(Sampler.DPMPP_SDE, Schedule.AUTOMATIC, 4).scheduler(7)
    assert seeded.config.noise_sampler_seed == 7


def test_torch_goes_by_a_paths_extension(tmp_path: Path) -> None:
    """The disk cache names every file `<sha256>.safetensors`, so pickles are opened first."""
    path = tmp_path / "a-pickle.safetensors"
    torch.save({"a": torch.ones(1)}, path)
    with pytest.raises(Exception, match="header"):
        torch.load(path, weights_only=True)
    with path.open("rb") as data:
        assert torch.load(data, weights_only=True)["a"] == 1
