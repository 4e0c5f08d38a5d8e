"""`python -m demo.export --run DIR --out demo/models`: weights of a run to the files users load."""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import save_file
from torch import Tensor

from demo import ldm_keys
from demo.painting.palette import Colour
from demo.training import weights
from demo.training.settings import TrainingRun, TrainingSettings
from demo.training.tokens import VOCABULARY, CompactVocabulary, load_words
from formats.models.kinds import ModelKind

_TABLE: Final = "embeddings.token_embedding.weight"
_VIVID: Final = 1.3
"""How far colours stand off gray in the images of the extra VAE file."""
_LUMA: Final[Colour] = (0.299, 0.587, 0.114)

FILES: Final[tuple[dict[str, Any], ...]] = (
    {
        "name": "toon-v1.safetensors",
        "from": "toon",
        "kind": ModelKind.CHECKPOINT.value,
        "architecture": "stable-diffusion-v1",
        "title": "Toon v1",
        "trigger": [],
        "about": "Cartoon characters in bright places; made for 256 x 256.",
    },
    {
        "name": "ink-v1.safetensors",
        "from": "ink",
        "kind": ModelKind.CHECKPOINT.value,
        "architecture": "stable-diffusion-v1",
        "title": "Ink v1",
        "trigger": [],
        "about": "The same characters as pen drawings with a thin gray wash.",
    },
    {
        "name": "control_openpose-toon.safetensors",
        "from": "control",
        "kind": ModelKind.CONTROLNET.value,
        "architecture": "stable-diffusion-v1/controlnet",
        "title": "OpenPose for Toon and Ink",
        "trigger": [],
        "about": "Makes figures follow an OpenPose map, one or two of them.",
    },
    {
        "name": "neon.safetensors",
        "from": "lora",
        "kind": ModelKind.LORA.value,
        "architecture": "stable-diffusion-v1/lora",
        "title": "Neon",
        "trigger": [],
        "about": "Turns Toon's pictures into neon signs at night.",
    },
    {
        "name": "biscuit.safetensors",
        "from": "embedding",
        "kind": ModelKind.EMBEDDING.value,
        "architecture": "stable-diffusion-v1/textual-inversion",
        "title": "Biscuit",
        "trigger": ["biscuit"],
        "about": "A character: an orange dog with a blue cape and a crown. Say biscuit.",
    },
    {
        "name": "toon-vivid.safetensors",
        "from": "vae",
        "kind": ModelKind.VAE.value,
        "architecture": "stable-diffusion-v1/vae",
        "title": "Vivid VAE",
        "trigger": [],
        "about": "Toon's VAE with stronger colours.",
    },
)
"""What is shipped; `kind` as in `formats.kinds.ModelKind`."""


def full_table(short: Tensor, words: CompactVocabulary) -> Tensor:
    """Embeddings (49408, width): known words' rows, and the shared unknown row for all others."""
    table = short[words.unknown].expand(VOCABULARY, -1).clone()
    table[words.known] = short[: words.unknown]
    return table


def vivid(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The VAE with saturation folded into its last convolution: no new training."""
    luma = torch.tensor(_LUMA).expand(3, 3)
    turn = _VIVID * torch.eye(3) + (1 - _VIVID) * luma
    out = dict(tensors)
    out["decoder.conv_out.weight"] = torch.einsum(
        "ij,jkhw->ikhw", turn, out["decoder.conv_out.weight"]
    )
    out["decoder.conv_out.bias"] = turn @ out["decoder.conv_out.bias"]
    return out


class Exporter:
    """Writes the files of one run."""

    def __init__(self, run: TrainingRun, out: Path) -> None:
        self.run, self.out = run, out
        self.settings: TrainingSettings = run.settings
        self.words = load_words(run.vocabulary, run.settings.embedding_vectors)
        self.vae = weights.load(run.folder, "vae")
        out.mkdir(parents=True, exist_ok=True)

    def write_all(self) -> None:
        """Those of `FILES` that the run trained, and `manifest.json` beside them."""
        levels = len(self.settings.vae_widths)
        makers = {
            "toon": lambda: self._checkpoint("toon"),
            "ink": lambda: self._checkpoint("ink"),
            "control": lambda: ldm_keys.controlnet(self._load("control"), 1),
            "lora": lambda: self._load("lora"),
            "embedding": lambda: self._load("embedding"),
            "vae": lambda: ldm_keys.vae(vivid(self.vae), levels),
        }
        trained = [entry for entry in FILES if weights.exists(self.run.folder, entry["from"])]
        entries = [self._write(entry, makers[entry["from"]]()) for entry in trained]
        text = json.dumps({"models": entries}, indent=2)
        (self.out / "manifest.json").write_text(text + "\n")

    def _load(self, name: str) -> dict[str, Tensor]:
        return weights.load(self.run.folder, name)

    def _checkpoint(self, name: str) -> dict[str, Tensor]:
        tensors = self._load(name)
        text = weights.part(tensors, "text.")
        key = next(k for k in text if k.endswith(_TABLE))
        text[key] = full_table(text[key], self.words)
        parts = {"unet": weights.part(tensors, "unet."), "vae": self.vae, "text": text}
        return ldm_keys.checkpoint(parts, 1, len(self.settings.vae_widths))

    def _write(self, entry: dict[str, Any], tensors: dict[str, Tensor]) -> dict[str, Any]:
        path = self.out / str(entry["name"])
        about = {
            "modelspec.sai_model_spec": "1.0.1",
            "modelspec.architecture": entry["architecture"],
            "modelspec.title": entry["title"],
            "modelspec.description": entry["about"],
            "modelspec.license": "Apache-2.0",
            "modelspec.resolution": "256x256",
            "modelspec.prediction_type": "epsilon",
        }
        if entry["trigger"]:
            about["modelspec.trigger_phrase"] = ", ".join(entry["trigger"])
        save_file({k: v.half().contiguous() for k, v in tensors.items()}, path, metadata=about)
        data = path.read_bytes()
        fields = {k: entry[k] for k in ("name", "kind", "title", "about", "trigger")}
        return {**fields, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m demo.export", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of the training run")
    parser.add_argument("--out", type=Path, required=True, help="folder for the files")
    options = parser.parse_args(arguments)
    Exporter(TrainingRun(options.run), options.out).write_all()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
