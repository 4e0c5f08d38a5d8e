"""`python -m demo.restore --models demo/models --out DIR`: shipped files back to weights of a run.

With them `demo.train --resume DIR` goes on where the shipped models stopped.
"""

import argparse
import tempfile
from pathlib import Path

import torch
from torch import Tensor

from demo.evaluation.judge import trained_judge
from demo.evaluation.pipelines import PipelineRunner, write_configs
from demo.training import networks, weights
from demo.training.settings import PRESETS, TrainingSettings
from demo.training.tokens import CompactVocabulary, clip_tokenizer
from demo.vocabulary import find_vocabulary

_TABLE = "embeddings.token_embedding.weight"


def short_table(full: Tensor, words: CompactVocabulary) -> Tensor:
    """The trained rows out of embeddings (49408, width); new ones for the placeholder."""
    unknown = next(i for i in range(len(full)) if i not in set(words.known))
    fresh = 0.02 * torch.randn(len(words.placeholder), full.shape[1])
    return torch.cat((full[words.known], full[unknown : unknown + 1], fresh.to(full.dtype)))


def restore(models: Path, out: Path, settings: TrainingSettings) -> list[str]:
    """Write weights for each shipped checkpoint and ControlNet, and the judge; the names."""
    tokenizer = clip_tokenizer(find_vocabulary())
    words = CompactVocabulary(tokenizer, settings.embedding_vectors)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        configs = write_configs(settings, Path(folder))
        runner = PipelineRunner(models, configs, tokenizer, torch.device("cpu"))
        weights.save(out, "judge", networks.state(trained_judge()))
        names = [n for n in ("toon", "ink") if (models / f"{n}-v1.safetensors").exists()]
        for name in names:
            runner.load_checkpoint(f"{name}-v1.safetensors")
            _save_checkpoint(runner, out, name, words)
        if (models / "control_openpose-toon.safetensors").exists():
            runner.load_controlnet("control_openpose-toon.safetensors")
            if runner.control is not None:
                weights.save(out, "control", networks.state(runner.control.controlnet))
            names.append("control")
    return [*names, "judge"]


def _save_checkpoint(
    runner: PipelineRunner, out: Path, name: str, words: CompactVocabulary
) -> None:
    unet, text = networks.state(runner.pipe.unet), networks.state(runner.pipe.text_encoder)
    key = next(k for k in text if k.endswith(_TABLE))
    text[key] = short_table(text[key], words)
    both = {**weights.prefixed(unet, "unet."), **weights.prefixed(text, "text.")}
    weights.save(out, name, both)
    weights.save(out, "vae", networks.state(runner.pipe.vae))


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
