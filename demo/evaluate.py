"""`python -m demo.evaluate --models DIR --out DIR`: figures and grids."""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from demo.drawing.posemaps import draw_maps
from demo.drawing.scenes import Wish
from demo.evaluation import cases
from demo.evaluation.colour_measure import figure_colours
from demo.evaluation.grids import save_grid
from demo.evaluation.judge import Judge, trained_judge, verdicts
from demo.evaluation.pipelines import Painter, write_configs
from demo.evaluation.pose_measure import measure
from demo.training import weights
from demo.training.fitting import DEVICE
from demo.training.settings import PRESETS, Run
from demo.training.tokens import clip_tokenizer
from demo.vocabulary import find_vocabulary

_FOUR = ("standing", "waving", "running", "cheering", "dancing", "kicking", "open", "hips",
         "pointing", "squatting", "random", "jumping")  # fmt: skip
PARTS = ("captions", "subjects", "colours", "pairs", "poses", "autoencoder", "sizes", "negative",
         "extras", "other_checkpoint")  # fmt: skip
_SIZES = ((192, 192), (256, 256), (320, 320), (384, 384), (256, 384), (384, 256))


def share(got: list[Any], wanted: list[Any]) -> float:
    """How many are right, 0 to 1."""
    return round(sum(g == w for g, w in zip(got, wanted, strict=True)) / len(wanted), 4)


class Evaluation:
    """The measurements on one set of files; `size` multiplies how many pictures each takes."""

    def __init__(self, painter: Painter, judge: Judge, out: Path, size: float) -> None:
        self.painter, self.judge, self.out, self.size = painter, judge, out, size
        self.figures: dict[str, Any] = {}

    def run(self, parts: list[str]) -> None:
        """The named parts, each added to `evaluation.json` when it is done."""
        file = self.out / "evaluation.json"
        if file.exists():
            self.figures = json.loads(file.read_text())
        self.painter.open("toon-v1.safetensors")
        for part in parts:
            start = time.time()
            getattr(self, part)()
            print(part, round(time.time() - start, 1), "s", flush=True)
            file.write_text(json.dumps(self.figures, indent=2) + "\n")

    def many(self, count: int) -> int:
        """The count, scaled."""
        return max(2, round(count * self.size))

    def grid(self, name: str, pictures: Tensor, columns: int = 8) -> None:
        """Save a grid of that name."""
        save_grid(pictures, self.out / f"{name}.webp", columns)

    def captions(self) -> None:
        """The test captions, odd prompts, and one prompt with many seeds."""
        draw = self.painter.draw
        self.grid("captions", draw(cases.CAPTIONS[: self.many(32)]))
        self.grid("odd_prompts", draw(cases.ODD[: self.many(8)]))
        self.grid("cute_dog", draw(["a cute dog"] * self.many(16), seed=100))

    def subjects(self) -> None:
        """Is the subject that was asked for drawn?"""
        prompts, wanted = cases.subjects(self.many(16))
        if self.size < 1:
            prompts, wanted = prompts[:4], wanted[:4]
        got, _ = verdicts(self.judge, self.painter.draw(prompts, seed=1000))
        scenes = cases.truth(self.many(256), Wish(figures=1))
        species = [s.figures[0].look.species for s in scenes]
        known, _ = verdicts(self.judge, cases.painted(scenes, DEVICE))
        pairs = list(zip(got, wanted, strict=True))
        each = {s: share([g for g, w in pairs if w == s], [s] * wanted.count(s))
                for s in dict.fromkeys(wanted)}  # fmt: skip
        self.figures["subject"] = {"right": share(got, wanted), "pictures": len(wanted),
                                   "judge_on_rendered": share(known, species),
                                   "each": each}  # fmt: skip

    def colours(self) -> None:
        """Is the stated colour the figure's?"""
        prompts, wanted = cases.colours(self.many(16))
        if self.size < 1:
            prompts, wanted = prompts[:4], wanted[:4]
        pictures = self.painter.draw(prompts, seed=2000)
        self.grid("colours", pictures[:: max(1, len(pictures) // 24)])
        scenes = []
        for i, name in enumerate(dict.fromkeys(wanted)):
            wish = Wish(figures=1, place="plain", colour=name, bare=True, portrait=False,
                        species=(("dog", "cat", "robot")[i % 3],))  # fmt: skip
            scenes += cases.truth(self.many(12), wish, first=1000 * i)
        truth = [s.figures[0].look.colour_word for s in scenes]
        rendered = share(figure_colours(cases.painted(scenes, DEVICE)), truth)
        got = figure_colours(pictures)
        wrong = [f"{w}: {g}" for g, w in zip(got, wanted, strict=True) if g != w]
        self.figures["colour"] = {"right": share(got, wanted), "pictures": len(wanted),
                                  "measure_on_rendered": rendered, "wrong": wrong}  # fmt: skip

    def pairs(self) -> None:
        """Are two figures drawn when two are asked for, and one when one is?"""
        prompts = [p for p in cases.PAIRS for _ in range(self.many(8))]
        if self.size < 1:
            prompts = prompts[:4]
        pictures = self.painter.draw(prompts, seed=3000)
        self.grid("two_figures", pictures[:: max(1, len(pictures) // 16)])
        _, counts = verdicts(self.judge, pictures)
        alike = [c for c, p in zip(counts, prompts, strict=True) if p.startswith(("two", "a pair"))]
        scenes = cases.truth(self.many(192), Wish(portrait=False))
        _, known = verdicts(self.judge, cases.painted(scenes, DEVICE))
        self.figures["two_figures"] = {
            "right": share(counts, [2] * len(counts)), "alike": share(alike, [2] * len(alike)),
            "pictures": len(counts),
            "judge_on_rendered": share(known, [len(s.figures) for s in scenes]),
        }  # fmt: skip

    def poses(self) -> None:
        """Does the ControlNet follow skeletons it never saw?"""
        self.painter.open_control("control_openpose-toon.safetensors")
        groups = {"single": (96, _FOUR, 1), "lying": (32, ("lying",), 1),
                  "sitting": (32, ("sitting",), 1), "upside down": (32, ("upside down",), 1),
                  "two": (32, (*_FOUR, "sitting"), 2)}  # fmt: skip
        scores: dict[str, Any] = {}
        for name, (count, stances, figures) in groups.items():
            posed = cases.posed(self.many(count), stances, figures, DEVICE)
            maps = draw_maps(posed.points, (256, 256))
            drawn = self.painter.draw(posed.prompts, maps, guidance_scale=5.0)
            free = self.painter.draw(posed.prompts, guidance_scale=5.0)
            scores[name] = {
                "with": measure(drawn, posed.points).means(),
                "without": measure(free, posed.points).means(),
                "rendered": measure(posed.truth, posed.points).means(),
            }
            shown = torch.cat((maps[:8] * 2 - 1, free[:8], drawn[:8]))
            self.grid(f"pose_{name.replace(' ', '_')}", shown, min(8, len(maps)))
        self.figures["pose"] = scores
        self._one_map()

    def _one_map(self) -> None:
        posed = cases.posed(2, ("waving",), 1, DEVICE)
        prompts = cases.CAPTIONS[: self.many(16)]
        maps = draw_maps(posed.points[:1], (256, 256)).expand(len(prompts), -1, -1, -1)
        self.grid("pose_one_map", self.painter.draw(prompts, maps))

    @torch.no_grad()
    def autoencoder(self) -> None:
        """PSNR of the round trip, over the whole picture and over the head's disc."""
        scenes = cases.truth(self.many(128), Wish(), first=50_000)
        pictures = cases.painted(scenes, DEVICE)
        vae = self.painter.pipe.vae
        parts = [vae.decode(vae.encode(p.to(vae.dtype)).latent_dist.mode()).sample.float()
                 for p in pictures.split(16)]  # fmt: skip
        back = torch.cat(parts).clamp(-1, 1)
        square = (back - pictures).square().mean(1)
        heads = torch.tensor([s.figures[0].head for s in scenes], device=DEVICE)
        y = torch.arange(256, device=DEVICE).view(1, -1, 1) + 0.5
        x = torch.arange(256, device=DEVICE).view(1, 1, -1) + 0.5
        cx, cy, radius = (heads[:, i].view(-1, 1, 1) for i in range(3))
        disc = (x - cx) ** 2 + (y - cy) ** 2 < radius**2
        self.figures["autoencoder"] = {
            "psnr": round(float(10 * torch.log10(4 / square.mean())), 2),
            "psnr_head": round(float(10 * torch.log10(4 / square[disc].mean())), 2),
        }  # fmt: skip
        self.grid("autoencoder", torch.cat((pictures[:8], back[:8])))

    def sizes(self) -> None:
        """Are subjects still right at other sizes?"""
        prompts, wanted = cases.subjects(2)
        prompts, wanted = prompts[: self.many(42)], wanted[: self.many(42)]
        self.figures["sizes"] = {}
        for width, height in _SIZES:
            pictures = self.painter.draw(prompts, seed=4000, width=width, height=height)
            got, counts = verdicts(self.judge, pictures)
            self.figures["sizes"][f"{width}x{height}"] = {
                "right": share(got, wanted),
                "one_figure": share(counts, [1] * len(counts)),
            }
            self.grid(f"size_{width}x{height}", pictures[:16:2])

    def negative(self) -> None:
        """Does the negative prompt change the picture towards sharper edges?"""
        prompts = cases.CAPTIONS[: self.many(16)]
        plain = self.painter.draw(prompts)
        better = self.painter.draw(prompts, negative_prompt=cases.NEGATIVE)
        self.figures["negative"] = {"edges": _edges(plain), "edges_with_negative": _edges(better),
                                    "difference": _mean((plain - better).abs() - 1)}  # fmt: skip
        self.grid("negative", torch.cat((plain[:8], better[:8])), min(8, len(prompts)))

    def extras(self) -> None:
        """The LoRA, the embedding and the VAE file."""
        pipe, prompts = self.painter.pipe, cases.CAPTIONS[: self.many(8)]
        before = self.painter.draw(prompts)
        vae = pipe.vae
        pipe.vae = self.painter.open_vae("toon-vivid.safetensors")
        vivid = self.painter.draw(prompts)
        pipe.vae = vae
        pipe.load_textual_inversion(
            str(self.painter.models / "biscuit.safetensors"),
            token="biscuit",  # noqa: S106
        )
        places = ("", " in the forest", " waving", " on the beach", " running in the snow",
                  " in space", " sitting in a room", " and a cat")  # fmt: skip
        self.grid("biscuit", self.painter.draw([f"biscuit{p}" for p in places[: self.many(8)]]))
        pipe.unload_textual_inversion()
        with self.painter.lora("neon.safetensors"):
            neon = self.painter.draw(prompts)
        self.grid("neon_and_vivid", torch.cat((before, neon, vivid)), len(prompts))
        self.figures["neon"] = {"brightness": _mean(before), "brightness_with_lora": _mean(neon)}

    def other_checkpoint(self) -> None:
        """The ink checkpoint, with and without the ControlNet."""
        self.painter.open("ink-v1.safetensors")
        pictures = self.painter.draw(cases.CAPTIONS[: self.many(16)])
        posed = cases.posed(self.many(8), _FOUR, 1, DEVICE)
        self.painter.open_control("control_openpose-toon.safetensors")
        maps = draw_maps(posed.points, (256, 256))
        drawn = self.painter.draw(posed.prompts, maps, guidance_scale=5.0)
        self.grid("ink", torch.cat((pictures, maps * 2 - 1, drawn)), self.many(8))


def _edges(pictures: Tensor) -> float:
    gray = pictures.mean(1, keepdim=True)
    return round(float((gray[..., 1:] - gray[..., :-1]).square().mean()), 5)


def _mean(pictures: Tensor) -> float:
    return round(float(functional.relu((pictures + 1) / 2).mean()), 4)


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m demo.evaluate", description=__doc__)
    parser.add_argument("--run", type=Path, help="judge with the judge that this run trained")
    parser.add_argument("--models", type=Path, required=True, help="folder of the shipped files")
    parser.add_argument("--out", type=Path, required=True, help="folder for figures and grids")
    parser.add_argument("--size", type=float, default=1.0, help="share of the pictures to draw")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    options = parser.parse_args(arguments)
    run = Run(options.run) if options.run else None
    settings = run.settings if run else PRESETS["full"]
    vocabulary = run.vocabulary if run else find_vocabulary()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        configs = write_configs(settings, Path(folder))
        painter = Painter(options.models, configs, clip_tokenizer(vocabulary), DEVICE)
        judge = (_judge_of(run) if run else trained_judge()).to(DEVICE)
        Evaluation(painter, judge, options.out, options.size).run(options.parts)
    return 0


def _judge_of(run: Run) -> Judge:
    judge = Judge(8 if run.tiny else 48)
    judge.load_state_dict(weights.load(run.folder, "judge"))
    return judge.eval()


if __name__ == "__main__":
    raise SystemExit(main())
