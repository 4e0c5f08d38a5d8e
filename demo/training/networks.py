"""Builds the networks in Stable Diffusion 1 layout, with the family's conventions.

A loader that infers a model from tensor shapes assumes for SD1: 8 attention heads in the UNet,
heads of 64 in CLIP, 32 norm groups, 4 latent channels, scaling 0.18215, quick GELU. So do these.
"""

from typing import Any, Final

import torch
from diffusers import AutoencoderKL, ControlNetModel, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

from demo.training.settings import TrainingSettings
from demo.training.tokens import LENGTH, VOCABULARY

SCALING: Final = 0.18215
_DOWN: Final = ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D")
_UP: Final = ("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D")


def vae(settings: TrainingSettings) -> AutoencoderKL:
    """The autoencoder: 8 pixels a latent, one block a level.

    Its top level is 96 wide because the last norm has 32 groups: with three channels a group, two
    can hold a reference and the level of a flat colour survives the norm.
    """
    return AutoencoderKL(
        block_out_channels=settings.vae_widths,
        layers_per_block=1,
        latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        norm_num_groups=32,
        sample_size=256,
        scaling_factor=SCALING,
    )


def unet(settings: TrainingSettings) -> UNet2DConditionModel:
    """The UNet: one block a level, attention on the two middle levels."""
    return UNet2DConditionModel(
        block_out_channels=settings.unet_widths,
        layers_per_block=1,
        sample_size=32,
        down_block_types=_DOWN,
        up_block_types=_UP,
        attention_head_dim=8,
        cross_attention_dim=settings.text_width,
    )


def text_config(settings: TrainingSettings, rows: int = VOCABULARY) -> CLIPTextConfig:
    """CLIP's text encoder, narrow, with an embedding of that many rows."""
    width = settings.text_width
    return CLIPTextConfig(
        vocab_size=rows,
        hidden_size=width,
        intermediate_size=4 * width,
        projection_dim=width,
        num_hidden_layers=settings.text_layers,
        num_attention_heads=width // 64,
        max_position_embeddings=LENGTH,
        hidden_act="quick_gelu",
        bos_token_id=rows - 2,
        eos_token_id=rows - 1,
        pad_token_id=rows - 1,
    )


def text_encoder(settings: TrainingSettings, rows: int) -> CLIPTextModel:
    """The text encoder over the short table of `tokens.Words`."""
    return CLIPTextModel(text_config(settings, rows))


def controlnet(settings: TrainingSettings, base: UNet2DConditionModel) -> ControlNetModel:
    """A ControlNet that starts from the UNet.

    Its zero convolutions start slightly off zero: with both ends at zero the hint encoder gets no
    gradient, and training stood still for a quarter of its time.
    """
    net = ControlNetModel.from_unet(base, conditioning_embedding_out_channels=settings.hint_widths)
    for conv in (*net.controlnet_down_blocks, net.controlnet_mid_block):
        torch.nn.init.normal_(conv.weight, std=0.004)
    hint = net.controlnet_cond_embedding.conv_out
    torch.nn.init.normal_(hint.weight, std=0.5 * (9 * settings.hint_widths[-1]) ** -0.5)
    return net


def millions(net: torch.nn.Module) -> float:
    """Parameters in millions."""
    return sum(p.numel() for p in net.parameters()) / 1e6


def state(net: torch.nn.Module) -> dict[str, Any]:
    """The weights, contiguous, on the CPU."""
    return {k: v.detach().contiguous().cpu() for k, v in net.state_dict().items()}
