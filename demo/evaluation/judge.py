"""A small classifier that says which characters are in an image, and whether one or two.

It learns from painted scenes alone and is used to score generated images.
"""

from itertools import pairwise
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from demo.painting.figures.looks import SPECIES

NAMES: Final = tuple(SPECIES)
_SIDE: Final = 128
"""Pixels of the short side that it looks at."""


class Judge(nn.Module):
    """Logits for every species (several may be there), and for one or two figures."""

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        sizes = (3, width, 2 * width, 3 * width, 4 * width)
        layers: list[nn.Module] = []
        for wide, out in pairwise(sizes):
            layers += [_block(wide, out, 2), _block(out, out, 1)]
        self.features = nn.Sequential(*layers)
        self.species = nn.Linear(sizes[-1] * 2, len(NAMES))
        self.count = nn.Linear(sizes[-1] * 2, 2)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Images (B, 3, H, W) of -1 to 1, the short side `_SIDE` pixels."""
        features = self.features(images)
        pooled = torch.cat((features.mean((2, 3)), features.amax((2, 3))), 1)
        return self.species(pooled), self.count(pooled)


def trained_judge() -> Judge:
    """The judge that ships: trained on 20,480 painted scenes, so that figures can be compared."""
    judge = Judge()
    judge.load_state_dict(load_file(Path(__file__).with_name("judge.safetensors")))
    return judge.eval()


def _block(wide: int, out: int, stride: int) -> nn.Module:
    conv = nn.Conv2d(wide, out, 3, stride, 1, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(out), nn.ReLU())


def resize_for_judge(images: Tensor) -> Tensor:
    """Images at the size the judge looks at."""
    scale = _SIDE / min(images.shape[-2:])
    size = [round(side * scale / 16) * 16 for side in images.shape[-2:]]
    return functional.interpolate(images.float(), size, mode="area")


def augment(images: Tensor) -> Tensor:
    """Blur, grain and a shift of brightness by chance, as generated images have them."""
    count, device = len(images), images.device

    def random_mask(share: float) -> Tensor:
        return (torch.rand(count, 1, 1, 1, device=device) < share).float()

    blurred = functional.avg_pool2d(functional.pad(images, (1, 1, 1, 1), "replicate"), 3, 1)
    images = torch.lerp(images, blurred, random_mask(0.5))
    images = images + 0.12 * random_mask(0.5) * torch.randn_like(images)
    return images * (1 + 0.2 * torch.randn(count, 1, 1, 1, device=device))


def loss(judge: Judge, images: Tensor, species: Tensor) -> Tensor:
    """Cross-entropies; species (B, 2) are indices into `NAMES`, -1 where there is no figure."""
    logits, counts = judge(images)
    expected = functional.one_hot(species.clamp(min=0), len(NAMES)) * (species >= 0)[..., None]
    present = expected.amax(1).float()
    two = (species >= 0).sum(1) - 1
    of_species = functional.binary_cross_entropy_with_logits(logits.float(), present) * 10
    return of_species + functional.cross_entropy(counts.float(), two)


@torch.no_grad()
def classify_images(judge: Judge, images: Tensor) -> tuple[list[str], list[int]]:
    """The likeliest species, and 1 or 2 figures, for each image of any size."""
    names: list[str] = []
    counts: list[int] = []
    for part in images.split(64):
        logits, count = judge(resize_for_judge(part))
        names += [NAMES[int(i)] for i in logits.argmax(1)]
        counts += [int(i) + 1 for i in count.argmax(1)]
    return names, counts
