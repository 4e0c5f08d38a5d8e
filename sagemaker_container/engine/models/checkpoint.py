"""A loaded checkpoint: its networks, its family, and how its text encoders are used."""

from dataclasses import dataclass, field
from typing import Any

from transformers import CLIPTextModel, CLIPTextModelWithProjection

from formats.models.kinds import Family
from formats.models.prediction import PredictionType
from formats.models.unsupported import INPAINTING_CHANNELS
from sagemaker_container.fast.text_encoder import TextEncoderGraphs


@dataclass(frozen=True)
class Prediction:
    """What the UNet was trained to predict, which the sampler must know."""

    kind: PredictionType
    zero_terminal_snr: bool


@dataclass(frozen=True)
class TextEncoder:
    """One of a checkpoint's text encoders, and how its family uses it.

    Source: configs/ of CompVis' ldm, Stability's stablediffusion and generative-models; A1111
    modules/sd_hijack_clip.py and sd_hijack_open_clip.py.
    """

    model: CLIPTextModel | CLIPTextModelWithProjection
    pad_id: int
    """Token that pads a chunk: the end token for CLIP, 0 (an exclamation mark) for OpenCLIP."""
    layer: int = 1
    """Which hidden layer is the output, counted from the end: 1 is the last one."""
    final_norm: bool = True
    """Whether the final layer norm is applied to that layer; SDXL takes it without."""
    uses_clip_skip: bool = True
    """Whether a job's clip skip has an effect; as in A1111, only for SD 1.x."""
    graphs: TextEncoderGraphs = field(default_factory=TextEncoderGraphs, repr=False, compare=False)

    @property
    def transformer(self) -> CLIPTextModel:
        """The encoder without its projection: embeddings, layers, `final_layer_norm`."""
        with_projection = isinstance(self.model, CLIPTextModelWithProjection)
        return self.model.text_model if with_projection else self.model

    @property
    def has_pooled_output(self) -> bool:
        """Whether the UNet also reads its projected end token (`text_embeds`): SDXL's second."""
        return isinstance(self.model, CLIPTextModelWithProjection)


@dataclass(frozen=True)
class Checkpoint:
    """A loaded checkpoint."""

    family: Family
    unet: Any
    """A UNet2DConditionModel, or its replacement on the fast path (`fast.accelerate`)."""
    vae: Any
    """An AutoencoderKL, or its replacement on the fast path."""
    text_encoders: tuple[TextEncoder, ...]
    """One, or SDXL's two, whose outputs are concatenated in this order."""
    prediction: Prediction

    @property
    def text_encoder(self) -> CLIPTextModel:
        """The first text encoder's model."""
        return self.text_encoders[0].transformer

    @property
    def uses_clip_skip(self) -> bool:
        """Whether a job's clip skip has an effect."""
        return any(encoder.uses_clip_skip for encoder in self.text_encoders)

    @property
    def is_inpainting(self) -> bool:
        """Whether it is an inpainting checkpoint, which also reads a mask."""
        return bool(self.unet.config.in_channels == INPAINTING_CHANNELS)

    @property
    def architecture(self) -> str:
        """Equal for checkpoints that the same ControlNets and VAEs fit."""
        unet, vae = self.unet.config, self.vae.config
        widths = "-".join(map(str, unet.block_out_channels))
        levels = len(vae.block_out_channels)
        return f"{self.family}/{widths}/{unet.cross_attention_dim}/{vae.latent_channels}x{levels}"
