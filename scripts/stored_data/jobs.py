"""Brings models, and lets the container finish a job of each kind.

The demo models generate one job, whose pose can be scored, and are deleted. The others generate the
rest and stay: their layout is that of `tests/support/tiny_models.py`, and each tensor has one
value, so that megabytes pack to nothing.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from core.ids import new_id
from core.jobs.preparing.draft import Draft, DraftInpaint, DraftUnit
from core.jobs.records import Job
from core.studio import demo
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.generation.controlnet_unit import Preprocessor
from formats.generation.fields import ResizeMode
from formats.generation.inpaint import InpaintArea, MaskedContent
from formats.generation.parameters import Mode
from formats.generation.request import LoraUse
from formats.generation.upscaling import UncheckedHires, UncheckedUpscale
from poses.preset_poses import default_pose, presets
from tests.support import tiny_models
from tests.support.helpers import wait_for

CHECKPOINT: Final = "tiny-checkpoint.safetensors"
INCOMPLETE: Final = "tiny-incomplete.safetensors"
CONTROLNET: Final = "tiny-pose.safetensors"
LORA: Final = "tiny-lora.safetensors"
VAE: Final = "tiny-vae.safetensors"
UPSCALER: Final = "tiny-upscaler.safetensors"


def first_run(studio: Studio, folder: Path) -> None:
    """Demo models and endpoint as at a newcomer's, then models of one's own."""
    begun = demo.install_once(studio, demo.FOLDER)
    if begun is None:
        raise SystemExit("The data folder is not new.")
    begun.join()
    studio.uploads.start_paths(LOCAL, [str(path) for path in _write_models(folder)], None)
    wait_for(lambda: not any(upload.active for upload in studio.uploads.list(LOCAL)))
    wait_for(lambda: studio.endpoints.list(LOCAL, refresh=True)[0].accepts_jobs, 120)


def _write_models(folder: Path) -> list[Path]:
    """A file of each kind, and a checkpoint that lacks a part."""
    whole = tiny_models.checkpoint(tiny_models.TINY)
    files: dict[str, tiny_models.Shapes] = {
        CHECKPOINT: whole,
        INCOMPLETE: {name: shape for name, shape in whole.items() if "middle_block.2" not in name},
        CONTROLNET: tiny_models.controlnet(tiny_models.TINY),
        LORA: tiny_models.lora(tiny_models.TINY),
        VAE: tiny_models.vae(tiny_models.TINY),
        UPSCALER: tiny_models.upscaler(),
        "tiny-words.safetensors": {"emb_params": (2, 64)},
    }
    folder.mkdir()
    for name, shapes in files.items():
        tensors = {
            key: tensor if tensor.ndim < 2 else np.full_like(tensor, 1 / tensor[0].size)
            for key, tensor in tiny_models.weights(shapes, 1).items()
        }
        about = tiny_models.SD1_LORA if name == LORA else {}
        tiny_models.save(folder / name, tensors, about)
    return [folder / name for name in files]


def finish_each_kind(studio: Studio) -> None:
    """Run them, one after another; only the tiny models stay, but for the incomplete one."""
    for draft in _drafts():
        finished(studio, submit(studio, draft))
    _cancel(studio)
    for file in studio.models.list(LOCAL, refresh=True):
        if not file.name.startswith("tiny-") or file.name == INCOMPLETE:
            studio.models.delete_now(LOCAL, file.key)


def _drafts() -> Iterator[Draft]:
    """One of each kind of job that ends by itself; the last one fails."""
    start = {"init_picture": photo(), "denoising_strength": 0.5}
    yield draft_of("a lighthouse", batch_count=2, variation_strength=0.25, variation_seed=3)
    yield draft_of("a larger lighthouse", hires=UncheckedHires(scale=1.5, steps=2))
    yield draft_of("a painted lighthouse", mode=Mode.IMG2IMG, **start)
    yield draft_of("a dreamt lighthouse", mode=Mode.IMG2IMG, **start, resize_mode=ResizeMode.LATENT)
    inpaint = DraftInpaint(
        mask=_mask(), blur=2, content=MaskedContent.FILL, area=InpaintArea.MASKED, padding=8
    )
    yield draft_of("a boat", mode=Mode.INPAINT, **start, inpaint=inpaint)
    upscale = UncheckedUpscale(upscaler=UPSCALER, scale=2)
    yield draft_of("", mode=Mode.UPSCALE, init_image=photo(), upscale=upscale)
    yield _dancer()
    figure = DraftUnit(model="control_openpose-toon.safetensors", pose=default_pose())
    yield draft_of(
        "a robot dancing on a hill",
        checkpoints=(demo.CHECKPOINT,),
        units=(figure,),
        width=128,
        height=128,
        steps=12,
        cfg_scale=demo.CFG_SCALE,
        seed=2,
        negative_prompt="",
    )
    yield draft_of("a lost ship", checkpoints=(INCOMPLETE,))


def _dancer() -> Draft:
    """ControlNets with a pose and a preprocessor, a LoRA, an embedding and a VAE."""
    pose = DraftUnit(model=CONTROLNET, pose=presets()[0].skeleton.scaled(64, 64), weight=0.8)
    edges = DraftUnit(
        model=CONTROLNET,
        image=photo(),
        preprocessor=Preprocessor.CANNY,
        threshold_a=40,
        threshold_b=90,
        end=0.5,
    )
    loras = (LoraUse(name=LORA, weight=0.5),)
    return draft_of("a dancer in tiny-words", vae=VAE, loras=loras, units=(pose, edges))


def draft_of(prompt: str, **changes: Any) -> Draft:
    """A small job, with what is otherwise than in others."""
    small = Draft(
        endpoint=demo.ENDPOINT,
        checkpoints=(CHECKPOINT,),
        prompt=prompt,
        negative_prompt="fog",
        width=64,
        height=64,
        steps=3,
        seed=11,
    )
    return small.model_copy(update=changes)


def submit(studio: Studio, draft: Draft) -> Job:
    """Send a draft as a click does."""
    return studio.jobs.submit(LOCAL, draft, new_id())[0]


def finished(studio: Studio, job: Job) -> None:
    """Wait for the end of a job, and measure how well it follows its pose."""
    wait_for(lambda: not studio.jobs.get(LOCAL, job.id).state.is_open, 120)
    studio.scores.of_job(LOCAL, job.id)


def _cancel(studio: Studio) -> None:
    job = submit(studio, draft_of("a long night", steps=150, batch_count=4))
    wait_for(lambda: studio.jobs.get(LOCAL, job.id).step, every=0.02)
    studio.jobs.cancel(LOCAL, job.id)
    finished(studio, job)


def photo() -> bytes:
    """A slope from dark to bright, 96 x 64 pixels, PNG."""
    return _png(Image.linear_gradient("L").resize((96, 64)).convert("RGB"))


def _mask() -> bytes:
    """White in the middle, of the same size."""
    mask = Image.new("L", (96, 64))
    mask.paste(255, (32, 16, 64, 48))
    return _png(mask)


def _png(image: Image.Image) -> bytes:
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()
