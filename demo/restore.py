"""`python -m demo.restore --models demo/models --out DIR`: shipped files back to weights of a run.

With them `demo.train --resume DIR` goes on where the shipped models stopped.
"""

import argparse
import tempfile
from pathlib import Path

import torch
from torch import Tensor

from demo.evaluation.judge import trained_judge
from demo.evaluation.pipelines import Painter, write_configs
from demo.training import networks, weights
from demo.training.settings import PRESETS, Settings
from demo.training.tokens import Words, clip_tokenizer
from demo.vocabulary import find_vocabulary

_TABLE = "embeddings.token_embedding.weight"


def short_table(full: Tensor, words: Words) -> Tensor:
    """The trained rows out of embeddings (49408, width); new ones for the placeholder."""
    unknown = next(i for i in range(len(full)) if i not in set(words.known))
    fresh = 0.02 * torch.randn(len(words.placeholder), full.shape[1])
    return torch.cat((full[words.known], full[unknown : unknown + 1], fresh.to(full.dtype)))


def restore(models: Path, out: Path, settings: Settings) -> list[str]:
    """Write weights for each shipped checkpoint and ControlNet, and the judge; the names."""
    tokenizer = clip_tokenizer(find_vocabulary())
    words = Words(tokenizer, settings.embedding_vectors)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        configs = write_configs(settings, Path(folder))
        painter = Painter(models, configs, tokenizer, torch.device("cpu"))
        weights.save(out, "judge", networks.state(trained_judge()))
        names = [n for n in ("toon", "ink") if (models / f"{n}-v1.safetensors").exists()]
        for name in names:
            painter.open(f"{name}-v1.safetensors")
            _save_checkpoint(painter, out, name, words)
        if (models / "control_openpose-toon.safetensors").exists():
            painter.open_control("control_openpose-toon.safetensors")
            if painter.control is not None:
                weights.save(out, "control", networks.state(painter.control.controlnet))
            names.append("control")
    return [*names, "judge"]


def _save_checkpoint(painter: Painter, out: Path, name: str, words: Words) -> None:
    unet, text = networks.state(painter.pipe.unet), networks.state(painter.pipe.text_encoder)
    key = next(k for k in text if k.endswith(_TABLE))
    text[key] = short_table(text[key], words)
    both = {**weights.prefixed(unet, "unet."), **weights.prefixed(text, "text.")}
    weights.save(out, name, both)
    weights.save(out, "vae", networks.state(painter.pipe.vae))


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m demo.restore", description=__doc__)
    parser.add_argument("--models", type=Path, required=True, help="folder of the shipped files")
    parser.add_argument("--out", type=Path, required=True, help="folder for the weights")
    options = parser.parse_args(arguments)
    print(*restore(options.models, options.out, PRESETS["full"]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
