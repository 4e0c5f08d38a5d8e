"""What `python -m scripts.stored_data` leaves in a data folder, whatever version ran it."""

from typing import Any

TINY = "tiny-checkpoint.safetensors"
LORA = "tiny-lora.safetensors"
INCOMPLETE = "tiny-incomplete.safetensors"
POSED = "a robot dancing on a hill"

JOBS = (
    ("a lighthouse", "txt2img", TINY, "succeeded", 2, 0),
    ("a larger lighthouse", "txt2img", TINY, "succeeded", 1, 0),
    ("a painted lighthouse", "img2img", TINY, "succeeded", 1, 0),
    ("a dreamt lighthouse", "img2img", TINY, "succeeded", 1, 0),
    ("a boat", "inpaint", TINY, "succeeded", 1, 0),
    ("", "upscale", "", "succeeded", 1, 0),
    ("a dancer in tiny-words", "txt2img", TINY, "succeeded", 1, 2),
    (POSED, "txt2img", "toon-v1.safetensors", "succeeded", 1, 1),
    ("a lost ship", "txt2img", INCOMPLETE, "failed", 0, 0),
    ("a long night", "txt2img", TINY, "cancelled", 0, 0),
    ("a dancer on stage", "txt2img", TINY, "succeeded", 1, 1),
    ("a dancer on stage", "txt2img", TINY, "succeeded", 1, 1),
)
"""Prompt, mode, checkpoint, state, images made, ControlNet units; the oldest first."""

DETAILS: dict[str, tuple[tuple[int, int], dict[str, Any], dict[str, str]]] = {
    "a lighthouse": (
        (64, 64),
        {
            "negative_prompt": "fog",
            "sampler": "DPM++ 2M",
            "steps": 3,
            "cfg_scale": 7.0,
            "seed": 11,
            "batch_count": 2,
            "variation_strength": 0.25,
            "variation_seed": 3,
            "owner": "local",
        },
        {"Steps": "3", "Seed": "11", "Variation seed": "3", "Model": "tiny-checkpoint"},
    ),
    "a larger lighthouse": (
        (96, 96),
        {"hires.upscaler": "Latent", "hires.scale": 1.5, "hires.steps": 2},
        {"Hires upscale": "1.5", "Hires steps": "2", "Hires upscaler": "Latent"},
    ),
    "a painted lighthouse": (
        (64, 64),
        {"denoising_strength": 0.5, "resize_mode": "Just resize"},
        {"Denoising strength": "0.5"},
    ),
    "a dreamt lighthouse": ((64, 64), {"resize_mode": "Just resize (latent upscale)"}, {}),
    "a boat": (
        (96, 64),
        {
            "inpaint.blur": 2,
            "inpaint.content": "fill",
            "inpaint.area": "Only masked",
            "inpaint.padding": 8,
        },
        {"Mask blur": "2", "Masked content": "fill", "Masked area padding": "8"},
    ),
    "": (
        (192, 128),
        {"checkpoint": None, "upscale.upscaler": "tiny-upscaler.safetensors", "upscale.scale": 2},
        {"Postprocess upscale by": "2", "Postprocess upscaler": "tiny-upscaler"},
    ),
    "a dancer in tiny-words": (
        (64, 64),
        {
            "vae": "tiny-vae.safetensors",
            "embeddings.0": "tiny-words.safetensors",
            "loras.0.name": LORA,
            "loras.0.weight": 0.5,
            "controlnets.0.weight": 0.8,
            "controlnets.0.model": "tiny-pose.safetensors",
            "controlnets.0.pose.people.0.body.0": {"x": 32.0, "y": 5.825, "hidden": False},
            "controlnets.1.preprocessor": "canny",
            "controlnets.1.threshold_a": 40,
            "controlnets.1.threshold_b": 90,
            "controlnets.1.end": 0.5,
        },
        {"VAE": "tiny-vae.safetensors", "TI hashes": "tiny-words: b0c1d687f416"},
    ),
    POSED: ((128, 128), {"steps": 12, "cfg_scale": 6.0, "seed": 2}, {"Model": "toon-v1"}),
}
"""Size of the images, fields of the request, parameters in the first image's infotext."""

OPEN = ("a click", "a storm", "a calm")
"""Jobs that no dashboard saw the end of: one was never sent, one ran, one waited."""

ENDS = {
    "a lost ship": ("failed", 0, f"model_broken: {INCOMPLETE}: .+", True),
    "a long night": ("cancelled", 0, "cancelled: .+", True),
    "a click": ("failed", 0, "not_sent: .+ was not sent: the dashboard stopped.+", False),
    "a storm": ("succeeded", 2, "", True),
    "a calm": ("failed", 0, "(expired|rejected): .+ waited longer than .+", False),
}
"""State, images and reason, in the end, and whether the container says so in a result."""

GENERATE = {
    "endpoint": "demo",
    "checkpoints": [TINY],
    "loras": [LORA],
    f"lora.{LORA}": 0.35,
    "mode": "inpaint",
    "prompt": "a boat, typed",
    "negative_prompt": "rain",
    "sampler": "Euler",
    "steps": 2,
    "cfg_scale": 5.5,
    "width": 96,
    "height": 64,
    "seed": 77,
    "batch_count": 2,
    "clip_skip": 2,
    "denoising_strength": 0.6,
    "inpaint.area": "Only masked",
    "inpaint.blur": 3,
}
CONTROLNET = {
    "endpoint": "demo",
    "checkpoints": [TINY],
    "prompt": "a dancer, typed",
    "width": 64,
    "height": 128,
    "units.0.source": "Pose",
    "units.0.weight": 0.65,
    "units.1.source": "Picture",
    "units.1.preprocessor": "canny",
    "units.1.edges": (30, 80),
    "units.2.source": "Sketch",
}
PATHS = "/home/artist/models/dreamer.safetensors\n/home/artist/models/ink.safetensors"
"""What was typed into the three forms and not sent."""
