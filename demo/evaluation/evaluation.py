"""Measures the demo models part by part: subjects, colours, poses, the autoencoder and others."""

import json
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from demo.evaluation import cases
from demo.evaluation.colour_measure import figure_colours
from demo.evaluation.grids import save_grid
from demo.evaluation.judge import Judge, classify_images
from demo.evaluation.metrics import brightness, edge_strength, share
from demo.evaluation.pipelines import PipelineRunner
from demo.evaluation.pose_measure import measure
from demo.painting.pose_maps import draw_maps
from demo.painting.scenes import SceneSpec
from demo.training.training_loop import DEVICE

PARTS = (
    *("captions", "subjects", "colours", "pairs", "poses", "autoencoder", "sizes", "negative"),
    *("extras", "other_checkpoint"),
)
"""The methods of `Evaluation` that measure something."""
_SIZES = ((192, 192), (256, 256), (320, 320), (384, 384), (256, 384), (384, 256))


class Evaluation:
    """The measurements on one set of files; `size` multiplies how many images each takes."""

    def __init__(self, runner: PipelineRunner, judge: Judge, out: Path, size: float) -> None:
        self.runner, self.judge, self.out, self.size = runner, judge, out, size
        self.figures: dict[str, Any] = {}

    def run(self, parts: list[str]) -> None:
        """Run the named parts; each is added to `evaluation.json` when it is done."""
        file = self.out / "evaluation.json"
        if file.exists():
            self.figures = json.loads(file.read_text())
        self.runner.load_checkpoint("toon-v1.safetensors")
        for part in parts:
            start = time.time()
            getattr(self, part)()
            print(part, round(time.time() - start, 1), "s", flush=True)
            file.write_text(json.dumps(self.figures, indent=2) + "\n")

    def scaled(self, count: int) -> int:
        """The count scaled by `size`, at least 2."""
        return max(2, round(count * self.size))

    def grid(self, name: str, images: Tensor, columns: int = 8) -> None:
        """Save a grid of that name."""
        save_grid(images, self.out / f"{name}.webp", columns)

    def captions(self) -> None:
        """The test captions, odd prompts, and one prompt with many seeds."""
        generate = self.runner.generate
        self.grid("captions", generate(cases.CAPTIONS[: self.scaled(32)]))
        self.grid("odd_prompts", generate(cases.ODD[: self.scaled(8)]))
        self.grid("cute_dog", generate(["a cute dog"] * self.scaled(16), seed=100))

    def subjects(self) -> None:
        """Is the subject of the prompt in the image?"""
        prompts, expected = cases.subjects(self.scaled(16))
        if self.size < 1:
            prompts, expected = prompts[:4], expected[:4]
        predicted, _ = classify_images(self.judge, self.runner.generate(prompts, seed=1000))
        scenes = cases.held_out_scenes(self.scaled(256), SceneSpec(figures=1))
        species = [s.figures[0].look.species for s in scenes]
        judged, _ = classify_images(self.judge, cases.paint_scenes(scenes, DEVICE))
        pairs = list(zip(predicted, expected, strict=True))
        each = {
            s: share([g for g, w in pairs if w == s], [s] * expected.count(s))
            for s in dict.fromkeys(expected)
        }
        self.figures["subject"] = {
            "right": share(predicted, expected),
            "pictures": len(expected),
            "judge_on_rendered": share(judged, species),
            "each": each,
        }

    def colours(self) -> None:
        """Is the stated colour the figure's?"""
        prompts, expected = cases.colours(self.scaled(16))
        if self.size < 1:
            prompts, expected = prompts[:4], expected[:4]
        images = self.runner.generate(prompts, seed=2000)
        self.grid("colours", images[:: max(1, len(images) // 24)])
        scenes = []
        for i, name in enumerate(dict.fromkeys(expected)):
            spec = SceneSpec(
                figures=1,
                place="plain",
                colour=name,
                bare=True,
                portrait=False,
                species=(("dog", "cat", "robot")[i % 3],),
            )
            scenes += cases.held_out_scenes(self.scaled(12), spec, first=1000 * i)
        stated = [s.figures[0].look.colour_word for s in scenes]
        rendered = share(figure_colours(cases.paint_scenes(scenes, DEVICE)), stated)
        predicted = figure_colours(images)
        wrong = [f"{w}: {g}" for g, w in zip(predicted, expected, strict=True) if g != w]
        self.figures["colour"] = {
            "right": share(predicted, expected),
            "pictures": len(expected),
            "measure_on_rendered": rendered,
            "wrong": wrong,
        }

    def pairs(self) -> None:
        """Are there two figures when the prompt has two?"""
        prompts = [p for p in cases.PAIRS for _ in range(self.scaled(8))]
        if self.size < 1:
            prompts = prompts[:4]
        images = self.runner.generate(prompts, seed=3000)
        self.grid("two_figures", images[:: max(1, len(images) // 16)])
        _, counts = classify_images(self.judge, images)
        alike = [c for c, p in zip(counts, prompts, strict=True) if p.startswith(("two", "a pair"))]
        scenes = cases.held_out_scenes(self.scaled(192), SceneSpec(portrait=False))
        _, judged = classify_images(self.judge, cases.paint_scenes(scenes, DEVICE))
        self.figures["two_figures"] = {
            "right": share(counts, [2] * len(counts)),
            "alike": share(alike, [2] * len(alike)),
            "pictures": len(counts),
            "judge_on_rendered": share(judged, [len(s.figures) for s in scenes]),
        }

    def poses(self) -> None:
        """Does the ControlNet follow skeletons it never saw?"""
        self.runner.load_controlnet("control_openpose-toon.safetensors")
        groups = {
            "single": (96, cases.UPRIGHT_STANCES, 1),
            "lying": (32, ("lying",), 1),
            "sitting": (32, ("sitting",), 1),
            "upside down": (32, ("upside down",), 1),
            "two": (32, (*cases.UPRIGHT_STANCES, "sitting"), 2),
        }
        scores: dict[str, Any] = {}
        for name, (count, stances, figures) in groups.items():
            targets = cases.pose_cases(self.scaled(count), stances, figures, DEVICE)
            maps = draw_maps(targets.points, (256, 256))
            generated = self.runner.generate(targets.prompts, maps, guidance_scale=5.0)
            free = self.runner.generate(targets.prompts, guidance_scale=5.0)
            scores[name] = {
                "with": measure(generated, targets.points).means(),
                "without": measure(free, targets.points).means(),
                "rendered": measure(targets.rendered, targets.points).means(),
            }
            rows = torch.cat((maps[:8] * 2 - 1, free[:8], generated[:8]))
            self.grid(f"pose_{name.replace(' ', '_')}", rows, min(8, len(maps)))
        self.figures["pose"] = scores
        self._one_map()

    def _one_map(self) -> None:
        targets = cases.pose_cases(2, ("waving",), 1, DEVICE)
        prompts = cases.CAPTIONS[: self.scaled(16)]
        maps = draw_maps(targets.points[:1], (256, 256)).expand(len(prompts), -1, -1, -1)
        self.grid("pose_one_map", self.runner.generate(prompts, maps))

    @torch.no_grad()
    def autoencoder(self) -> None:
        """PSNR of the round trip, over the whole image and over the head's disc."""
        scenes = cases.held_out_scenes(self.scaled(128), SceneSpec(), first=50_000)
        images = cases.paint_scenes(scenes, DEVICE)
        vae = self.runner.pipe.vae
        parts = [
            vae.decode(vae.encode(p.to(vae.dtype)).latent_dist.mode()).sample.float()
            for p in images.split(16)
        ]
        back = torch.cat(parts).clamp(-1, 1)
        square = (back - images).square().mean(1)
        heads = torch.tensor([s.figures[0].head for s in scenes], device=DEVICE)
        y = torch.arange(256, device=DEVICE).view(1, -1, 1) + 0.5
        x = torch.arange(256, device=DEVICE).view(1, 1, -1) + 0.5
        cx, cy, radius = (heads[:, i].view(-1, 1, 1) for i in range(3))
        disc = (x - cx) ** 2 + (y - cy) ** 2 < radius**2
        self.figures["autoencoder"] = {
            "psnr": round(float(10 * torch.log10(4 / square.mean())), 2),
            "psnr_head": round(float(10 * torch.log10(4 / square[disc].mean())), 2),
        }
        self.grid("autoencoder", torch.cat((images[:8], back[:8])))

    def sizes(self) -> None:
        """Are subjects still right at other sizes?"""
        prompts, expected = cases.subjects(2)
        prompts, expected = prompts[: self.scaled(42)], expected[: self.scaled(42)]
        self.figures["sizes"] = {}
        for width, height in _SIZES:
            images = self.runner.generate(prompts, seed=4000, width=width, height=height)
            predicted, counts = classify_images(self.judge, images)
            self.figures["sizes"][f"{width}x{height}"] = {
                "right": share(predicted, expected),
                "one_figure": share(counts, [1] * len(counts)),
            }
            self.grid(f"size_{width}x{height}", images[:16:2])

    def negative(self) -> None:
        """Does the negative prompt change the image towards sharper edges?"""
        prompts = cases.CAPTIONS[: self.scaled(16)]
        plain = self.runner.generate(prompts)
        better = self.runner.generate(prompts, negative_prompt=cases.NEGATIVE)
        self.figures["negative"] = {
            "edges": edge_strength(plain),
            "edges_with_negative": edge_strength(better),
            "difference": brightness((plain - better).abs() - 1),
        }
        self.grid("negative", torch.cat((plain[:8], better[:8])), min(8, len(prompts)))

    def extras(self) -> None:
        """The LoRA, the embedding and the VAE file."""
        pipe, prompts = self.runner.pipe, cases.CAPTIONS[: self.scaled(8)]
        before = self.runner.generate(prompts)
        vae = pipe.vae
        pipe.vae = self.runner.load_vae("toon-vivid.safetensors")
        vivid = self.runner.generate(prompts)
        pipe.vae = vae
        pipe.load_textual_inversion(str(self.runner.models / "biscuit.safetensors"), "biscuit")
        prompts_of_biscuit = [f"biscuit{words}" for words in cases.AFTER_BISCUIT[: self.scaled(8)]]
        self.grid("biscuit", self.runner.generate(prompts_of_biscuit))
        pipe.unload_textual_inversion()
        with self.runner.lora("neon.safetensors"):
            neon = self.runner.generate(prompts)
        self.grid("neon_and_vivid", torch.cat((before, neon, vivid)), len(prompts))
        self.figures["neon"] = {
            "brightness": brightness(before),
            "brightness_with_lora": brightness(neon),
        }

    def other_checkpoint(self) -> None:
        """The ink checkpoint, with and without the ControlNet."""
        self.runner.load_checkpoint("ink-v1.safetensors")
        images = self.runner.generate(cases.CAPTIONS[: self.scaled(16)])
        targets = cases.pose_cases(self.scaled(8), cases.UPRIGHT_STANCES, 1, DEVICE)
        self.runner.load_controlnet("control_openpose-toon.safetensors")
        maps = draw_maps(targets.points, (256, 256))
        generated = self.runner.generate(targets.prompts, maps, guidance_scale=5.0)
        self.grid("ink", torch.cat((images, maps * 2 - 1, generated)), self.scaled(8))
