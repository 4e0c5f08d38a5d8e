"""Chooses the fast path for networks that it knows, and leaves the others to diffusers."""

from typing import Any

from sagemaker_container.fast.controlnet import FastControlNet
from sagemaker_container.fast.decoder import FastVae
from sagemaker_container.fast.encoder import is_supported
from sagemaker_container.fast.unet import FastUNet


class Plain:
    """A network that the fast path doesn't know, with the one method that it has more."""

    def __init__(self, network: Any) -> None:
        self.network = network

    def __getattr__(self, name: str) -> Any:
        return getattr(self.network, name)

    def __call__(self, *given: Any, **named: Any) -> Any:
        """As the network's forward."""
        return self.network(*given, **named)

    def forget(self) -> None:
        """Nothing is kept."""


def quick_unet(unet: Any) -> Any:
    """The UNet, called as diffusers' is."""
    return FastUNet(unet) if is_supported(unet) else Plain(unet)


def quick_controlnet(net: Any) -> Any:
    """The ControlNet, called as diffusers' is."""
    return FastControlNet(net) if is_supported(net) else Plain(net)


def quick_vae(vae: Any) -> Any:
    """The VAE; decoding is quick."""
    return FastVae(vae)
