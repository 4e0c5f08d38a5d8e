"""Owns the presets of training runs, and a run's folder: its clock, its log, its marks."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

LATENT: Final = 8
"""Pixels of a side that one latent covers: the autoencoder halves three times, as SD1's does."""


@dataclass(frozen=True)
class ResolutionBucket:
    """Images of one resolution, and how the training samples them."""

    name: str
    scenes: str
    """Which file of scenes; see `Settings.scenes`."""
    canvas: tuple[int, int]
    scale: float = 1.0
    rows: int = 8192
    style: str = "toon"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return round(self.canvas[0] * self.scale), round(self.canvas[1] * self.scale)

    def batch(self, main: int) -> int:
        """As many images as keep the pixels of a `main` batch of 256 x 256."""
        width, height = self.size
        return max(2, round(main * 65536 / (width * height) / 2) * 2)


RENDEZVOUS: Final = "ranks"
"""File in a run's folder through which the processes of one stage find each other."""

SQUARE: Final = (256, 256)
FULL_BUCKETS: Final = (
    ResolutionBucket("main", "square", SQUARE, rows=112_640),
    ResolutionBucket("s192", "square", SQUARE, 0.75),
    ResolutionBucket("s320", "square", SQUARE, 1.25),
    ResolutionBucket("s384", "square", SQUARE, 1.5),
    ResolutionBucket("tall", "portrait", (256, 384)),
    ResolutionBucket("wide", "landscape", (384, 256)),
    ResolutionBucket("ink", "square", SQUARE, rows=32_768, style="ink"),
    ResolutionBucket("neon", "square", SQUARE, rows=16_384, style="neon"),
    ResolutionBucket("mascot", "mascot", SQUARE, rows=2048),
)
SIZED: Final = ("s192", "s320", "s384", "tall", "wide")
"""Buckets of other resolutions; sampled in the second half of the base stage."""
SHORT_BUCKETS: Final = (
    ResolutionBucket("main", "square", SQUARE, rows=57_344),
    ResolutionBucket("ink", "square", SQUARE, rows=8192, style="ink"),
    ResolutionBucket("neon", "square", SQUARE, rows=8192, style="neon"),
    ResolutionBucket("mascot", "mascot", SQUARE, rows=1024),
)


@dataclass(frozen=True)
class TrainingSettings:
    """Everything that differs between presets."""

    scenes: dict[str, int] = field(
        default_factory=lambda: {
            "square": 112_640,
            "portrait": 8192,
            "landscape": 8192,
            "mascot": 2048,
        }
    )
    buckets: tuple[ResolutionBucket, ...] = FULL_BUCKETS
    unet_widths: tuple[int, ...] = (96, 128, 192, 160)
    vae_widths: tuple[int, ...] = (96, 96, 96, 96)
    hint_widths: tuple[int, ...] = (16, 32, 64, 96)
    text_width: int = 128
    text_layers: int = 4
    vae_pool: int = 24_576
    vae_crop: int = 192
    vae_batch: int = 24
    encode_batch: int = 256
    batch: int = 256
    control_batch: int = 256
    adapter_batch: int = 96
    lora_rank: int = 16
    embedding_vectors: int = 4
    log_every: int = 200
    warm_up: int = 200
    shares: dict[str, float] = field(
        default_factory=lambda: {
            "judge": 0.07,
            "vae": 0.28,
            "base": 0.745,
            "ink": 0.85,
            "lora": 0.84,
            "embedding": 0.89,
            "control": 1.0,
        }
    )
    """When each stage ends, as a share of the run's time."""

    @property
    def sized(self) -> tuple[str, ...]:
        """The buckets of other sizes that this run has."""
        return tuple(b.name for b in self.buckets if b.name in SIZED)

    def bucket(self, name: str) -> ResolutionBucket:
        """The bucket of that name."""
        return next(b for b in self.buckets if b.name == name)


TINY: Final = TrainingSettings(
    scenes={"square": 8, "portrait": 8, "landscape": 8, "mascot": 8},
    buckets=tuple(
        ResolutionBucket(b.name, b.scenes, b.canvas, b.scale / 4, 8, b.style) for b in FULL_BUCKETS
    ),
    unet_widths=(32, 32, 64, 64),
    vae_widths=(32, 32, 32, 32),
    hint_widths=(16, 16, 16, 16),
    text_width=64,
    text_layers=1,
    vae_pool=8,
    vae_crop=64,
    vae_batch=2,
    encode_batch=8,
    batch=2,
    control_batch=2,
    adapter_batch=2,
    lora_rank=4,
    embedding_vectors=2,
    log_every=2,
    warm_up=2,
)
"""Every stage in seconds on a CPU; its images mean nothing."""

SHORT: Final = TrainingSettings(
    scenes={"square": 57_344, "mascot": 1024},
    buckets=SHORT_BUCKETS,
    shares={
        "judge": 0.1,
        "vae": 0.3,
        "base": 0.66,
        "ink": 0.79,
        "lora": 0.79,
        "embedding": 0.85,
        "control": 1.0,
    },
)
"""For under ten minutes that continue an earlier run: one size, fewer scenes."""

PAIR: Final = TrainingSettings(
    shares={
        "judge": 0.07,
        "vae": 0.2,
        "base": 0.58,
        "ink": 0.76,
        "lora": 0.86,
        "embedding": 0.9,
        "control": 1.0,
    },
)
"""For two GPUs: the base is done sooner, and the ControlNet has one of them to itself."""

PRESETS: Final = {"full": TrainingSettings(), "pair": PAIR, "short": SHORT, "tiny": TINY}


class TrainingRun:
    """A run's folder, and its clock, which all stages share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        plan = json.loads((folder / "run.json").read_text())
        self.start, self.seconds = float(plan["start"]), float(plan["seconds"])
        self.vocabulary = Path(plan["vocabulary"])
        self.settings = PRESETS[plan["preset"]]
        self.tiny = plan["preset"] == "tiny"

    @staticmethod
    def begin(
        folder: Path, seconds: float, vocabulary: Path, preset: str = "full"
    ) -> "TrainingRun":
        """Start the clock of a new run of that many seconds."""
        folder.mkdir(parents=True, exist_ok=True)
        plan = {
            "start": time.time(),
            "seconds": seconds,
            "vocabulary": str(vocabulary.resolve()),
            "preset": preset,
        }
        (folder / "run.json").write_text(json.dumps(plan))
        return TrainingRun(folder)

    def deadline(self, stage: str) -> float:
        """When the stage must end, in seconds since the epoch."""
        return self.start + self.seconds * self.settings.shares[stage]

    def log(self, stage: str, **values: object) -> None:
        """One line of JSON to the run's log and to standard output."""
        rounded = {k: float(f"{v:.5g}") if isinstance(v, float) else v for k, v in values.items()}
        line = json.dumps({"stage": stage, "t": round(time.time() - self.start, 1), **rounded})
        print(line, flush=True)
        with (self.folder / "log.jsonl").open("a") as file:
            file.write(line + "\n")

    def mark(self, name: str) -> None:
        """Tell the other stages that something is ready."""
        (self.folder / f"{name}.ready").touch()

    def wait(self, name: str) -> None:
        """Until `mark` was called with that name; SystemExit when another stage failed."""
        while not (self.folder / f"{name}.ready").exists():
            if (self.folder / "failed").exists():
                raise SystemExit("another stage failed")
            time.sleep(0.2)
