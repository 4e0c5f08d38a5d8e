"""A number in a tensor's name makes no network larger than the file's tensors do."""

from collections.abc import Callable
from typing import Final

import pytest

from sagemaker_container.engine.models import shapes
from tests.support import tiny_models
from tests.support.tiny_models import TINY, TINY_XL

Read = Callable[[shapes.Shapes], shapes.Config]
UNET: Final = (shapes.unet, tiny_models.unet(TINY))
UNET_XL: Final = (shapes.unet, tiny_models.unet(TINY_XL))
VAE: Final = (shapes.vae, tiny_models.vae(TINY))
CLIP: Final = (shapes.text_encoder, tiny_models.text_encoder(TINY))
CONTROLNET: Final = (shapes.controlnet, tiny_models.controlnet(TINY))
DIFFUSERS: Final = (shapes.controlnet, {"controlnet_cond_embedding.conv_in.weight": (16, 3, 3, 3)})
OPEN_CLIP: Final = (
    shapes.open_clip,
    {
        "token_embedding.weight": (9, 64),
        "transformer.resblocks.0.mlp.c_fc.weight": (64, 64),
        "positional_embedding": (77, 64),
    },
)


@pytest.mark.parametrize("number", ["128", "999999999", "9" * 5000, "0" * 300 + "1"])
@pytest.mark.parametrize(
    ("network", "name"),
    [
        (UNET, "input_blocks.{}.0.op.weight"),
        (UNET, "input_blocks.{}.0.in_layers.0.weight"),
        (UNET, "input_blocks.3.1.transformer_blocks.{}.norm1.weight"),
        (CONTROLNET, "input_blocks.{}.0.in_layers.0.weight"),
        (DIFFUSERS, "down_blocks.{}.resnets.0.conv2.weight"),
        (VAE, "encoder.down.{}.block.0.conv1.weight"),
        (VAE, "encoder.down.0.block.{}.conv1.weight"),
        (VAE, "encoder.down_blocks.{}.resnets.0.conv1.weight"),
        (CLIP, "encoder.layers.{}.mlp.fc1.weight"),
        (OPEN_CLIP, "transformer.resblocks.{}.mlp.c_fc.weight"),
    ],
)
def test_a_number_beyond_any_network(
    network: tuple[Read, shapes.Shapes], name: str, number: str
) -> None:
    read, made = network
    odd = name.format(number)
    with pytest.raises(shapes.ShapeError, match="has a number that no such network has") as refused:
        read({**made, odd: (64,)})
    assert odd[:60] in str(refused.value)


@pytest.mark.parametrize(
    ("network", "name"),
    [
        (UNET, "input_blocks.3.1.transformer_blocks.127.norm1.weight"),
        (UNET_XL, "input_blocks.5.1.transformer_blocks.60.norm1.weight"),
        (VAE, "encoder.down.127.block.0.conv1.weight"),
        (VAE, "encoder.down.0.block.127.conv1.weight"),
        (CONTROLNET, "input_blocks.3.1.transformer_blocks.127.norm1.weight"),
    ],
)
def test_numbers_that_speak_of_more_tensors_than_there_are(
    network: tuple[Read, shapes.Shapes], name: str
) -> None:
    read, made = network
    with pytest.raises(shapes.ShapeError, match="tensors for blocks of at least"):
        read({**made, name: (64,)})
