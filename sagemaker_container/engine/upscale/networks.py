"""The two networks of the ESRGAN family, built from the shapes of their tensors.

Source: xinntao/ESRGAN RRDBNet_arch.py, xinntao/Real-ESRGAN srvgg_arch.py, BasicSR rrdbnet_arch.py.
"""

from collections.abc import Mapping
from typing import Final

import torch
from torch import nn
from torch.nn import functional

from sagemaker_container.engine.models.shapes import count

State = Mapping[str, torch.Tensor]
_RESIDUAL_SCALE: Final = 0.2
"""How much of a block's output is added to its input."""
_MAX_SCALE: Final = 16
"""Published networks enlarge eightfold at most."""


class _DenseBlock(nn.Module):
    """Five convolutions, each of which reads the outputs of all before it."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        for number in range(5):
            out = width if number == 4 else growth
            self.add_module(f"conv{number + 1}", _conv(width + number * growth, out))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        outputs = [x]
        for number in range(1, 5):
            conv = self.get_submodule(f"conv{number}")
            outputs.append(_leaky_relu(conv(torch.cat(outputs, 1))))
        last: torch.Tensor = self.get_submodule("conv5")(torch.cat(outputs, 1))
        return last * _RESIDUAL_SCALE + x


class _ResidualBlock(nn.Module):
    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.dense = nn.Sequential(*(_DenseBlock(width, growth) for _ in range(3)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        output: torch.Tensor = self.dense(x)
        return output * _RESIDUAL_SCALE + x


class RrdbNet(nn.Module):
    """ESRGAN, Real-ESRGAN, BSRGAN and networks that were trained from them.

    Tensors: `first`, `blocks.<i>.dense.<k>.conv<j>`, `trunk`, `ups.<i>`, `high`, `last`.
    """

    def __init__(self, state: State) -> None:
        """Raises KeyError naming a missing tensor, ValueError for sizes that no network has."""
        super().__init__()
        width, channels = state["first.weight"].shape[:2]
        growth = state["blocks.0.dense.0.conv1.weight"].shape[0]
        self.unshuffle = {3: 1, 12: 2, 48: 4}[channels]
        """Factor of the pixel unshuffle before the first convolution."""
        ups = count(state, r"ups\.(\d+)\.")
        self.scale = _checked_scale(2**ups // self.unshuffle)
        self.first = _conv(channels, width)
        blocks = (_ResidualBlock(width, growth) for _ in range(count(state, r"blocks\.(\d+)\.")))
        self.blocks = nn.Sequential(*blocks)
        self.trunk = _conv(width, width)
        self.ups = nn.ModuleList(_conv(width, width) for _ in range(ups))
        self.high, self.last = _conv(width, width), _conv(width, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """1 x 3 x h x w, 0 to 1; sides must divide by `unshuffle`."""
        x = self.first(functional.pixel_unshuffle(x, self.unshuffle))
        x = x + self.trunk(self.blocks(x))
        for conv in self.ups:
            x = _leaky_relu(conv(functional.interpolate(x, scale_factor=2, mode="nearest")))
        output: torch.Tensor = self.last(_leaky_relu(self.high(x)))
        return output


class CompactNet(nn.Module):
    """Real-ESRGAN's small networks: a chain of convolutions, added to the resized image.

    Tensors: `body.<i>`, alternating convolutions and PReLUs.
    """

    unshuffle = 1

    def __init__(self, state: State) -> None:
        """Raises KeyError naming a missing tensor, ValueError for sizes that no network has."""
        super().__init__()
        body: list[nn.Module] = []
        for number in range(count(state, r"body\.(\d+)\.")):
            shape = state[f"body.{number}.weight"].shape
            is_prelu = len(shape) == 1
            body.append(nn.PReLU(shape[0]) if is_prelu else _conv(shape[1], shape[0]))
        self.body = nn.Sequential(*body)
        last = state[f"body.{len(body) - 1}.weight"]
        self.scale = _checked_scale(round((last.shape[0] / 3) ** 0.5))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """1 x 3 x h x w, 0 to 1."""
        detail = functional.pixel_shuffle(self.body(x), self.scale)
        resized = functional.interpolate(x, scale_factor=self.scale, mode="nearest")
        output: torch.Tensor = detail + resized
        return output


def _conv(inp: int, out: int) -> nn.Conv2d:
    return nn.Conv2d(inp, out, 3, padding=1)


def _leaky_relu(x: torch.Tensor) -> torch.Tensor:
    return functional.leaky_relu(x, 0.2)


def _checked_scale(scale: int) -> int:
    if not 1 <= scale <= _MAX_SCALE:
        raise ValueError(f"enlarges {scale}-fold")
    return scale
