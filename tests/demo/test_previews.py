"""Previews of the shipped checkpoints look like the image that comes of them."""

import io
from pathlib import Path
from typing import Final

import numpy as np
import pytest
import torch
from PIL import Image

from demo.evaluation.pipelines import PipelineRunner, write_configs
from demo.training.settings import PRESETS
from demo.training.tokens import clip_tokenizer
from demo.vocabulary import find_vocabulary
from sagemaker_container.engine.models import latents
from sagemaker_container.engine.sampling.preview import LatentPreview, PreviewFit

SHIPPED: Final = Path(__file__).parents[2] / "demo" / "models"
PROMPTS: Final = ("a cute dog", "a red cat on a blue background", "a green bird")


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> PipelineRunner:
    configs = write_configs(PRESETS["full"], tmp_path_factory.mktemp("configs"))
    return PipelineRunner(SHIPPED, configs, clip_tokenizer(find_vocabulary()), torch.device("cpu"))


def correlation(preview: bytes, image: Image.Image) -> float:
    images = (Image.open(io.BytesIO(preview)).convert("RGB"), image)
    values = (np.array(each.resize((64, 64), Image.Resampling.BOX), dtype=float) for each in images)
    first, second = (value.ravel() for value in values)
    return float(np.corrcoef(first, second)[0, 1])


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("name", ["toon-v1.safetensors", "ink-v1.safetensors"])
def test_the_last_preview_correlates_with_the_image(shipped: PipelineRunner, name: str) -> None:
    shipped.load_checkpoint(name)
    pipe = shipped.pipe
    preview = LatentPreview(pipe.vae, PreviewFit())
    found = []
    for seed, prompt in enumerate(PROMPTS):
        latent = pipe(
            prompt,
            width=256,
            height=256,
            num_inference_steps=8,
            generator=torch.Generator().manual_seed(seed),
            output_type="latent",
        ).images
        found.append(correlation(preview.render(latent), latents.decode(pipe.vae, latent[0])))
    assert min(found) > 0.9
