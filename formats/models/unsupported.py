"""Names what a model file is that no part of the container reads, from its safetensors header.

Sources of the layouts: comfy/{controlnet,model_detection,supported_models}.py and
comfy/t2i_adapter of ComfyUI; models/ of diffusers; kohya-ss/sd-scripts networks/control_net_lllite.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from formats.models import texts
from formats.models.kinds import Family, ModelKind
from formats.models.lora_names import other_algorithm
from formats.models.safetensors_header import TensorInfo

Tensors = Mapping[str, TensorInfo]
_Names = Sequence[tuple[str, str]]

UNET: Final = "model.diffusion_model."
INPAINTING_CHANNELS: Final = 9
"""Input channels of an inpainting UNet: latents, mask and masked image's latents (4 + 1 + 4)."""
LATENT_CHANNELS: Final = 4
"""Of every supported family: input channels of a plain UNet, and what its VAE makes."""
_UNSUPPORTED_CHANNELS: Final = {
    5: texts.IS_DEPTH,
    7: texts.IS_UPSCALER,
    8: texts.IS_INSTRUCT,
}
GUIDANCE_TENSORS: Final = ("time_embed.cond_proj.weight", "time_embedding.cond_proj.weight")
"""Of a UNet that reads the guidance scale: LCM's (Luo et al., 2023); Stability's layout, and
diffusers'."""
_EDM_MARKERS: Final = ("edm_mean", "edm_vpred.sigma_max")
"""Tensors of Playground 2.5 and CosXL, whose noise no sampler here supports."""
_TEXT_ENCODERS: Final = ("conditioner.embedders.0.", "conditioner.embedders.1.")
_TRANSFORMERS: Final[_Names] = (
    (r"(?:.*[._])?(?:double_blocks|single_blocks|single_transformer_blocks)[._]", "Flux"),
    (r"(?:.*[._])?joint_blocks[._]", "SD 3"),
)
"""Diffusion transformers, by the start of a tensor's name."""
_CHECKPOINTS: Final[_Names] = (
    *_TRANSFORMERS,
    (r".*motion_modules\.", "A motion module (AnimateDiff)"),
    (r"(?:transformer\.)?transformer_blocks\.", "A diffusion transformer (Flux, SD 3)"),
    (rf"{UNET}(?:blocks|layers|transformer_blocks)\.", "A diffusion transformer"),
    (r"unet\.down_blocks\.", "A whole pipeline in diffusers' layout"),
    (r"up_blocks\.0\.resnets\.0\.", "A UNet alone, in diffusers' layout,"),
    (r"output_blocks\.0\.0\.", "A UNet alone, without text encoder and VAE,"),
)
_CONTROLNETS: Final[_Names] = (
    (r"lora_controlnet$", "Control-LoRA"),
    (r"difference$", "A ControlNet that is a difference to a base model"),
    (r"(?:control_model\.)?(?:task_embedding|control_add_embedding\.)", "ControlNet union"),
    (r"lllite_", "ControlNet-LLLite"),
    (r"(?:adapter\.)?body\.\d+\.(?:in_conv|(?:(?:body|resnets)\.\d+\.)?block1)\.", "T2I-Adapter"),
    (r"(?:control_to_base|base_to_ctrl|ctrl_to_base)", "ControlNet-XS"),
    (r"brushnet_", "BrushNet"),
    (r"(?:down_blocks\.\d+\.)motion_modules\.", "SparseCtrl"),
    (
        r"(?:controlnet_x_embedder|controlnet_blocks|pos_embed_input)\.",
        "Flux' ControlNet",
    ),
)
_VAES: Final[_Names] = (
    (r"taesd_(?:encoder|decoder)\.", "TAESD"),
    (r"(?:encoder|decoder)\.layers\.0\.weight$", "TAESD"),
    (r"1\.conv\.0\.weight$", "TAESD"),
    (r"(?:first_stage_model\.|vae\.)?decoder\.condition_encoder\.", "An asymmetric VAE"),
    (r"(?:first_stage_model\.|vae\.)?quantize\.embedding\.", "A VQ-VAE"),
)
_VAE_DECODER: Final = re.compile(r"(?:first_stage_model\.|vae\.)?decoder\.conv_in\.weight")
_LORAS: Final[_Names] = (
    *((pattern, f"A LoRA for {name}") for pattern, name in _TRANSFORMERS),
    (r"(?:transformer\.|lora_transformer_)", "A LoRA for a diffusion transformer (Flux, SD 3)"),
    (r"(?:lora_unet_|diffusion_model\.)(?:blocks|layers)[._]\d", "A LoRA for a video model or DiT"),
    (r"lora_prior_", "A LoRA for Stable Cascade"),
    (r".*motion_modules[._]", "A LoRA of a motion module (AnimateDiff)"),
    (r"(?:unet|text_encoder):\d+:", "cloneofsimo's LoRA without names of layers"),
)
_OTHERS: Final[_Names] = (
    (r"(?:image_proj|ip_adapter)\.", "IP-Adapter"),
    (r"(?:vision_model|visual)\.", "An image encoder (CLIP vision)"),
    (r"(?:text_model\.)?encoder\.layers\.\d+\.self_attn\.", "A text encoder alone"),
    (r"transformer\.resblocks\.\d+\.attn\.", "A text encoder alone"),
    (r"encoder\.block\.\d+\.layer\.", "A text encoder alone (T5)"),
)
_NOBODYS: Final[Sequence[tuple[ModelKind | None, _Names]]] = (
    (ModelKind.CONTROLNET, _CONTROLNETS),
    (ModelKind.VAE, _VAES),
    (ModelKind.CHECKPOINT, _CHECKPOINTS),
    (None, _OTHERS),
)
"""What a file may be that has no tensor of a supported kind."""


def unsupported_kind(tensors: Tensors) -> tuple[ModelKind | None, str] | None:
    """Kind and reason for a file that has no tensor of a supported one."""
    if algorithm := _algorithm(tensors):
        return ModelKind.LORA, texts.lora_unsupported(algorithm)
    for kind, names in _NOBODYS:
        if name := _find(tensors, names):
            return kind, _REASONS[kind](name)
    if name := _other_vae(tensors):
        return ModelKind.VAE, texts.vae_unsupported(name)
    return None


def unsupported_form(kind: ModelKind, family: Family, tensors: Tensors) -> str | None:
    """Why a file of a supported kind is in a form that isn't; None where it is."""
    if kind is ModelKind.CHECKPOINT:
        return _checkpoint_reason(family, tensors)
    if kind is ModelKind.LORA:
        name = _algorithm(tensors) or _find(tensors, _LORAS)
        return texts.lora_unsupported(name) if name else None
    if kind is ModelKind.CONTROLNET:
        name = _find(tensors, _CONTROLNETS)
        return texts.controlnet_unsupported(name) if name else None
    if kind is ModelKind.VAE:
        name = _find(tensors, _VAES) or _other_vae(tensors)
        return texts.vae_unsupported(name) if name else None
    return None


def _find(tensors: Tensors, names: _Names) -> str | None:
    """The name of the first layout of which the file has a tensor."""
    for pattern, name in names:
        matches = re.compile(pattern).match
        if any(matches(tensor) for tensor in tensors):
            return name
    return None


def _algorithm(tensors: Tensors) -> str | None:
    for name, tensor in tensors.items():
        if algorithm := other_algorithm(name):
            # LyCORIS names the blocks of both alike; BOFT's have one dimension more.
            is_boft = algorithm == "OFT" and len(tensor.shape) > 3
            return "BOFT" if is_boft else algorithm
    return None


def _checkpoint_reason(family: Family, tensors: Tensors) -> str | None:
    if any(marker in tensors for marker in _EDM_MARKERS):
        return texts.IS_EDM
    if any(f"{UNET}{name}" in tensors for name in GUIDANCE_TENSORS):
        return texts.READS_GUIDANCE
    if name := _find(tensors, _CHECKPOINTS):
        return texts.checkpoint_unsupported(name)
    if family is Family.UNKNOWN:
        return texts.NO_TEXT_ENCODER
    if family is Family.SDXL:
        first, second = (any(n.startswith(p) for n in tensors) for p in _TEXT_ENCODERS)
        if not (first and second):
            is_refiner = any(n.startswith(f"{_TEXT_ENCODERS[0]}model.") for n in tensors)
            return texts.IS_REFINER if is_refiner else texts.LACKS_TEXT_ENCODER
    return _channels_reason(tensors)


def _channels_reason(tensors: Tensors) -> str | None:
    conv_in = tensors.get(f"{UNET}input_blocks.0.0.weight")
    if conv_in is None or len(conv_in.shape) < 2:
        return None  # damaged, which loading will report
    channels = conv_in.shape[1]
    if channels in (LATENT_CHANNELS, INPAINTING_CHANNELS):
        return None
    return _UNSUPPORTED_CHANNELS.get(channels, texts.unknown_channels(channels))


def _other_vae(tensors: Tensors) -> str | None:
    name = next((name for name in tensors if _VAE_DECODER.fullmatch(name)), None)
    if name is None:
        return None
    shape = tensors[name].shape
    if len(shape) > 4:
        return "A VAE of a video model"
    if len(shape) == 4 and shape[1] != LATENT_CHANNELS:
        return f"A VAE of {shape[1]} channels (such as those of Flux and SD 3)"
    encoder = name.replace("decoder.conv_in", "encoder.conv_in")
    return None if encoder in tensors else "A VAE without its encoder"


_REASONS: Final[Mapping[ModelKind | None, Callable[[str], str]]] = {
    ModelKind.CONTROLNET: texts.controlnet_unsupported,
    ModelKind.VAE: texts.vae_unsupported,
    ModelKind.CHECKPOINT: texts.checkpoint_unsupported,
    None: texts.file_unsupported,
}
