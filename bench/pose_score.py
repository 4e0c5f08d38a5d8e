"""Measures whether the pose score tells images that follow their pose from others.

    .venv-container/bin/python -m bench.pose_score [--drawings 24] [--generated 14]

It needs torch (for the demo models) and ai-edge-litert, and the files of scikit-image and
matplotlib for their photos (`pip install --no-deps scikit-image matplotlib`). Prints JSON: the
area under the ROC curve for right against shuffled poses, and seconds an image, for

- photos: altered copies (mirrored, small, dark, JPEG, cropped) against the pose of the original;
- drawings: the demo's painted figures on plain grounds against the skeletons they stand on;
- generated: the demo models' images on plain grounds against the skeletons that they followed
  (about 8 s each on two cores).
"""

import argparse
import io
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, NamedTuple

import torch
from PIL import Image, ImageEnhance, ImageOps
from torch import Tensor

from demo.evaluation.cases import PoseCases, pose_cases
from demo.evaluation.pipelines import PipelineRunner, write_configs
from demo.painting.pose_maps import draw_maps
from demo.training.settings import PRESETS
from demo.training.tokens import clip_tokenizer
from demo.vocabulary import find_vocabulary
from formats.openpose.skeleton import Person, Point, Skeleton
from poses.detection.detector import PoseDetector
from poses.scores.pose_score import PoseScore, ScoreMethod, score_image

PHOTOS: Final = (
    ("skimage", "data/astronaut.png"),
    ("skimage", "data/camera.png"),
    ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
)
MODELS: Final = Path(__file__).parents[1] / "demo" / "models"
CPU: Final = torch.device("cpu")
STANCES: Final = ("standing", "waving", "cheering", "running", "kicking", "jumping", "sitting")
MIRRORED: Final = (0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10, 15, 14, 17, 16)
"""The keypoint that stands in each place when left and right change."""


class Case(NamedTuple):
    """An image and the pose that it follows."""

    image: Image.Image
    pose: Skeleton
    group: str
    """Cases of one group have the same pose, and are not shuffled among themselves."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drawings", type=int, default=24, help="how many painted figures")
    parser.add_argument("--generated", type=int, default=14, help="how many the models draw")
    options = parser.parse_args()
    detector = PoseDetector()
    report = {
        "photos": _measured(list(_photos(detector)), detector),
        "drawings": _measured(_drawings(options.drawings), detector),
    }
    if options.generated:
        report["generated"] = _measured(_generated(options.generated), detector)
    print(json.dumps(report, indent=2))


def _measured(cases: list[Case], detector: PoseDetector) -> dict[str, Any]:
    seconds: list[float] = []

    def timed(image: Image.Image, pose: Skeleton) -> PoseScore:
        start = time.perf_counter()
        found = score_image(image, pose, detector.detect)
        seconds.append(time.perf_counter() - start)
        return found

    right = [timed(case.image, case.pose) for case in cases]
    wrong = [
        timed(case.image, other.pose.scaled(case.pose.width, case.pose.height))
        for case in cases
        for other in _others(cases, case)
    ]
    return {
        "pictures": len(cases),
        "not scored": sum(found.value is None for found in right),
        "methods": sorted({found.method.value for found in right}),
        "auc": round(auc(_values(right), _values(wrong)), 4),
        "auc by method": {
            method.value: round(auc(_values(right, method), _values(wrong, method)), 4)
            for method in ScoreMethod
            if _values(right, method) and _values(wrong, method)
        },
        "right, mean": round(statistics.mean(_values(right)), 3),
        "right, least": round(min(_values(right)), 3),
        "shuffled, mean": round(statistics.mean(_values(wrong)), 3),
        "shuffled, most": round(max(_values(wrong)), 3),
        "seconds a picture, median": round(statistics.median(seconds), 3),
    }


def _others(cases: list[Case], case: Case) -> list[Case]:
    """Two cases with another pose, always the same ones."""
    start = cases.index(case)
    turned = cases[start:] + cases[:start]
    return [other for other in turned if other.group != case.group][:2]


def _values(scores: list[PoseScore], method: ScoreMethod | None = None) -> list[float]:
    wanted = (found for found in scores if method is None or found.method is method)
    return [found.value for found in wanted if found.value is not None]


def auc(right: list[float], wrong: list[float]) -> float:
    """How often a right pose scores above a wrong one; ties count half."""
    wins = sum((a > b) + 0.5 * (a == b) for a in right for b in wrong)
    return wins / (len(right) * len(wrong))


def _photos(detector: PoseDetector) -> Iterator[Case]:
    for package, name in PHOTOS:
        found = find_spec(package)
        if found is None or found.origin is None:
            raise SystemExit(f"Install {package} first (--no-deps will do): its photo is wanted.")
        photo = Image.open(Path(found.origin).parent / name).convert("RGB")
        pose = detector.detect(photo)
        for alter in ALTERATIONS:
            image, altered = alter(photo, pose)
            yield Case(image, altered, name)


def _mirrored(photo: Image.Image, pose: Skeleton) -> tuple[Image.Image, Skeleton]:
    def turn(point: Point | None) -> Point | None:
        return point and Point(x=pose.width - point.x, y=point.y)

    people = tuple(
        Person(body=tuple(turn(person.body[i]) for i in MIRRORED)) for person in pose.people
    )
    return ImageOps.mirror(photo), pose.model_copy(update={"people": people})


def _small(photo: Image.Image, pose: Skeleton) -> tuple[Image.Image, Skeleton]:
    return photo.resize((photo.width // 2, photo.height // 2)), pose


def _dark(photo: Image.Image, pose: Skeleton) -> tuple[Image.Image, Skeleton]:
    return ImageEnhance.Brightness(photo).enhance(0.5), pose


def _compressed(photo: Image.Image, pose: Skeleton) -> tuple[Image.Image, Skeleton]:
    buffer = io.BytesIO()
    photo.save(buffer, "JPEG", quality=30)
    return Image.open(buffer), pose


def _cropped(photo: Image.Image, pose: Skeleton) -> tuple[Image.Image, Skeleton]:
    cut = photo.width // 12
    people = tuple(
        Person(body=tuple(p and Point(x=p.x - cut, y=p.y) for p in person.body))
        for person in pose.people
    )
    size = {"width": photo.width - 2 * cut, "height": photo.height, "people": people}
    return photo.crop((cut, 0, photo.width - cut, photo.height)), pose.model_copy(update=size)


ALTERATIONS: Final[tuple[Callable[..., tuple[Image.Image, Skeleton]], ...]] = (
    _mirrored,
    _small,
    _dark,
    _compressed,
    _cropped,
)


def _drawings(count: int) -> list[Case]:
    made = pose_cases(count, STANCES, 1, CPU)
    return _cases(made.rendered, made)


def _generated(count: int) -> list[Case]:
    """What the shipped checkpoint and ControlNet draw; the prompts do not name the pose."""
    made = pose_cases(count, STANCES, 1, CPU)
    with tempfile.TemporaryDirectory() as folder:
        configs = write_configs(PRESETS["full"], Path(folder))
        runner = PipelineRunner(MODELS, configs, clip_tokenizer(find_vocabulary()), CPU)
        runner.load_checkpoint("toon-v1.safetensors")
        runner.load_controlnet("control_openpose-toon.safetensors")
        maps = draw_maps(made.points, (256, 256))
        drawn = runner.generate(
            made.prompts, maps, batch=4, guidance_scale=5.0, num_inference_steps=14
        )
    return _cases(drawn, made)


def _cases(images: Tensor, made: PoseCases) -> list[Case]:
    cases = []
    for i, (image, points) in enumerate(zip(images, made.points, strict=True)):
        bytes_ = ((image.permute(1, 2, 0) + 1) * 127.5).clamp(0, 255).round().byte().numpy()
        body = tuple(Point(x=float(x), y=float(y)) for x, y in points[0])
        pose = Skeleton(width=256, height=256, people=(Person(body=body),))
        cases.append(Case(Image.fromarray(bytes_), pose, STANCES[i % len(STANCES)]))
    return cases


if __name__ == "__main__":
    main()
