"""Writes model files of the real sizes with random weights, to measure with; their pictures mean
nothing.

    .venv-container/bin/python -m bench.real_models FOLDER [--files sd1 sd1-other control lora xl]
"""

import argparse
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import torch
from safetensors.torch import save_file

from tests.support import real_sizes, tiny_models
from tests.support.tiny_models import Shapes

FILES: Final[dict[str, Callable[[], Shapes]]] = {
    "sd1": real_sizes.sd1,
    "sd1-other": real_sizes.sd1,
    "control": partial(tiny_models.controlnet, real_sizes.SD15),
    "lora": partial(tiny_models.lora, real_sizes.SD15, rank=16),
    "xl": real_sizes.sdxl,
}
RESIDUAL: Final = (
    "out_layers.3.weight",
    "conv2.weight",
    "proj_out.weight",
    "to_out.0.weight",
    "out_proj.weight",
    "fc2.weight",
    "ff.net.2.weight",
    "mlp.c_proj.weight",
)
"""What is added to the way through a network; small, or a hundred of them overflow float16."""


def tensor(name: str, shape: tuple[int, ...], source: torch.Generator) -> torch.Tensor:
    """Normally distributed by its inputs; norms 1, biases 0."""
    if len(shape) < 2:
        is_one = name.endswith((".weight", ".alpha", "alphas_cumprod"))
        return torch.full(shape, float(is_one), dtype=torch.float16)
    scale = (shape[0] / torch.Size(shape).numel()) ** 0.5
    scale *= 0.2 if name.endswith(RESIDUAL) else 1
    made = torch.randn(shape, generator=source, device=source.device) * scale
    return made.half().cpu()


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", nargs="+", choices=FILES, default=[*FILES])
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    source = torch.Generator("cuda" if torch.cuda.is_available() else "cpu")
    for name in options.files:
        source.manual_seed(zlib.crc32(name.encode()))
        tensors = {key: tensor(key, shape, source) for key, shape in FILES[name]().items()}
        path = options.folder / f"{name}.safetensors"
        save_file(tensors, path)
        print(path, f"{path.stat().st_size / 2**30:.2f} GB", flush=True)


if __name__ == "__main__":
    main()
