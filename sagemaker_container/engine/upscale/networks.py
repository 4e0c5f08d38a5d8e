"""The two networks of the ESRGAN family, built from the shapes of their tensors.

Source: xinntao/ESRGAN RRDBNet_arch.py, xinntao/Real-ESRGAN srvgg_arch.py, BasicSR rrdbnet_arch.py.
"""

from collections.abc import Mapping

import torch
from torch import nn
from torch.nn import functional

State = Mapping[str, torch.Tensor]
_GENTLE = 0.2
"""How much of what a block finds is added to what it was given."""


class _Dense(nn.Module):
    """Five convolutions, each of which sees what all before it found."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        for number in range(5):
            out = width if number == 4 else growth
            self.add_module(f"conv{number + 1}", _conv(width + number * growth, out))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found = [x]
        for number in range(1, 5):
            conv = self.get_submodule(f"conv{number}")
            found.append(_leaky(conv(torch.cat(found, 1))))
        last: torch.Tensor = self.get_submodule("conv5")(torch.cat(found, 1))
        return last * _GENTLE + x


class _Block(nn.Module):
    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.dense = nn.Sequential(*(_Dense(width, growth) for _ in range(3)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.dense(x)
        return found * _GENTLE + x


class RrdbNet(nn.Module):
    """ESRGAN, Real-ESRGAN, BSRGAN and what was trained from them.

    Tensors: `first`, `blocks.<i>.dense.<k>.conv<j>`, `trunk`, `ups.<i>`, `high`, `last`.
    """

    def __init__(self, state: State) -> None:
        """Raises KeyError naming a missing tensor."""
        super().__init__()
        width, channels = state["first.weight"].shape[:2]
        growth = state["blocks.0.dense.0.conv1.weight"].shape[0]
        self.squeeze = {3: 1, 12: 2, 48: 4}[channels]
        """Pixels that are laid upon each other at the entrance, on each side."""
        ups = _count(state, "ups")
        self.scale = 2**ups // self.squeeze
        self.first = _conv(channels, width)
        blocks = (_Block(width, growth) for _ in range(_count(state, "blocks")))
        self.blocks = nn.Sequential(*blocks)
        self.trunk = _conv(width, width)
        self.ups = nn.ModuleList(_conv(width, width) for _ in range(ups))
        self.high, self.last = _conv(width, width), _conv(width, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """1 x 3 x h x w, 0 to 1; sides must divide by `squeeze`."""
        found = self.first(functional.pixel_unshuffle(x, self.squeeze))
        found = found + self.trunk(self.blocks(found))
        for conv in self.ups:
            found = _leaky(conv(functional.interpolate(found, scale_factor=2, mode="nearest")))
        answer: torch.Tensor = self.last(_leaky(self.high(found)))
        return answer


class CompactNet(nn.Module):
    """Real-ESRGAN's small networks: convolutions in a row, added to the picture scaled plainly.

    Tensors: `body.<i>`, convolutions and PReLUs in turn.
    """

    squeeze = 1

    def __init__(self, state: State) -> None:
        """Raises KeyError naming a missing tensor."""
        super().__init__()
        body: list[nn.Module] = []
        for number in range(_count(state, "body")):
            shape = state[f"body.{number}.weight"].shape
            one_each = len(shape) == 1
            body.append(nn.PReLU(shape[0]) if one_each else _conv(shape[1], shape[0]))
        self.body = nn.Sequential(*body)
        self.scale = round((state[f"body.{len(body) - 1}.weight"].shape[0] / 3) ** 0.5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """1 x 3 x h x w, 0 to 1."""
        found = functional.pixel_shuffle(self.body(x), self.scale)
        plain = functional.interpolate(x, scale_factor=self.scale, mode="nearest")
        answer: torch.Tensor = found + plain
        return answer


def _conv(inp: int, out: int) -> nn.Conv2d:
    return nn.Conv2d(inp, out, 3, padding=1)


def _leaky(x: torch.Tensor) -> torch.Tensor:
    return functional.leaky_relu(x, 0.2)


def _count(state: State, name: str) -> int:
    """How many parts there are of a name."""
    return len({key.split(".")[1] for key in state if key.startswith(f"{name}.")})
