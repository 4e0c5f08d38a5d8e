"""Puts networks on the fast path, and leaves those that it doesn't support to diffusers."""

from typing import Any

from sagemaker_container.fast.controlnet import FastControlNet
from sagemaker_container.fast.unet import FastUNet
from sagemaker_container.fast.unet_encoder import is_supported
from sagemaker_container.fast.vae_decoder import FastVae


class PassthroughNetwork:
    """A network that the fast path doesn't support, with the fast path's one more method."""

    def __init__(self, network: Any) -> None:
        self.network = network

    def __getattr__(self, name: str) -> Any:
        return getattr(self.network, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The network's forward."""
        return self.network(*args, **kwargs)

    def invalidate(self) -> None:
        """Nothing is cached."""


def accelerate_unet(unet: Any) -> Any:
    """A replacement for the UNet, with diffusers' interface."""
    return FastUNet(unet) if is_supported(unet) else PassthroughNetwork(unet)


def accelerate_controlnet(net: Any) -> Any:
    """A replacement for the ControlNet, with diffusers' interface."""
    return FastControlNet(net) if is_supported(net) else PassthroughNetwork(net)


def accelerate_vae(vae: Any) -> Any:
    """A replacement for the VAE, with a fast decoder."""
    return FastVae(vae)
