"""Owns the styles: other colours for the same shapes (toon, ink, neon)."""

from typing import Final

import torch

from demo.painting.shapes import ALPHA, RED, ROLE, Role

STYLES: Final = ("toon", "ink", "neon")
_PAPER: Final = (250.0, 246.0, 236.0)
_INK: Final = (28.0, 28.0, 46.0)
_NIGHT: Final = (12.0, 10.0, 30.0)
_GLOW: Final = (110.0, 250.0, 255.0)
_LUMA: Final = (0.299, 0.587, 0.114)
"""Rec. 601 weights of red, green and blue."""


def restyle(
    style: str, shapes: torch.Tensor, sky: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Shapes (B, N, fields) and sky (B, 2, 3) of 0-255, recoloured into one of `STYLES`."""
    if style == "toon":
        return shapes, sky
    colours, role = shapes[..., RED:ALPHA], shapes[..., ROLE : ROLE + 1]
    paint = _ink if style == "ink" else _neon
    ground = torch.full_like(sky[..., :1], float(Role.GROUND))
    changed = shapes.clone()
    changed[..., RED:ALPHA] = paint(colours, role)
    return changed, paint(sky, ground)


def _like(values: tuple[float, ...], colours: torch.Tensor) -> torch.Tensor:
    return colours.new_tensor(values)


def _luma(colours: torch.Tensor) -> torch.Tensor:
    return (colours * _like(_LUMA, colours)).sum(-1, keepdim=True)


def _ink(colours: torch.Tensor, role: torch.Tensor) -> torch.Tensor:
    """A pen drawing: dark lines, greys washed thin, a trace of ground."""
    light = _luma(colours) / 255
    wash = (0.62 + 0.38 * light).where(light > 0.28, light)
    faint = 0.84 + 0.16 * light
    tone = torch.where(role == Role.GROUND, faint, wash)
    tone = torch.where(role == Role.OUTLINE, torch.zeros_like(tone), tone)
    return _like(_INK, colours) + (_like(_PAPER, colours) - _like(_INK, colours)) * tone


def _neon(colours: torch.Tensor, role: torch.Tensor) -> torch.Tensor:
    """A sign at night: bright lines around dark fills."""
    night = _like(_NIGHT, colours)
    brightest = colours.amax(-1, keepdim=True).clamp(min=1.0)
    tube = colours * (255 / brightest) * 0.85 + 38
    glow = torch.where(_luma(colours) < 70, _like(_GLOW, colours), colours)
    dim = night + colours * torch.where(role == Role.GROUND, 0.13, 0.2)
    shown = torch.where(role == Role.OUTLINE, tube, torch.where(role == Role.DETAIL, glow, dim))
    return shown.clamp(0, 255)
