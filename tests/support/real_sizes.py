"""The sizes of Stable Diffusion's published networks, for tiny_models.py's layouts."""

from dataclasses import replace

from tests.support.tiny_models import Shapes, Sizes, checkpoint, xl_checkpoint

SD15 = Sizes(
    unet=(320, 640, 1280, 1280),
    attention=(True, True, True, False),
    layers=2,
    context=768,
    text_layers=12,
    vae=(128, 256, 512, 512),
    vae_layers=2,
    hint=(16, 32, 96, 256),
)
SD21 = replace(SD15, context=1024, text_layers=24, linear=True)
XL = replace(
    SD15,
    unet=(320, 640, 1280),
    attention=(False, True, True),
    depth=(1, 2, 10),
    context=2048,
    linear=True,
    added=2816,
)
XL_TEXT_1 = replace(SD15, context=768)
XL_TEXT_2 = replace(SD15, context=1280, text_layers=32)


def sd1() -> Shapes:
    """All tensors of an SD 1.x checkpoint, 2.1 GB in float16."""
    return checkpoint(SD15)


def sdxl() -> Shapes:
    """All tensors of an SDXL checkpoint, 6.9 GB in float16."""
    return xl_checkpoint(XL, XL_TEXT_1, XL_TEXT_2, XL_TEXT_2.context)
