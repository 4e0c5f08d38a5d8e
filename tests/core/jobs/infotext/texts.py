"""Infotexts as A1111 of several years, Forge, SD.Next, ComfyUI's nodes and Civitai write them.

Each with the form's fields that it sets, and the entries that can't be honoured. Written after
the grammar of A1111 modules/processing.py (`create_infotext`) and modules/infotext_utils.py.
"""

from typing import Any, NamedTuple

from formats.generation.samplers import Sampler, Schedule

FILES = {
    "dream": "dream.safetensors",
    "ink": "ink.safetensors",
    "old-ink": "ink.safetensors",
    "vae-ft-mse": "vae-ft-mse.safetensors",
    "control_v11p_sd15_canny": "canny.safetensors",
    "control_openpose": "openpose.safetensors",
    "4x-UltraSharp": "4x-UltraSharp.safetensors",
    "RealESRGAN_x4plus": "RealESRGAN_x4plus.safetensors",
}
"""What the library has, by the names that infotexts use."""

BASE = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x768"


class Case(NamedTuple):
    """One infotext."""

    name: str
    text: str
    sets: dict[str, Any]
    unmet: tuple[str, ...] = ()
    """Beside the noise of the GPU, which most of them have."""
    with_gpu_noise: bool = True


def base(more: str, prompt: str = "a cat") -> str:
    """The usual entries, and some more."""
    return f"{prompt}\n{BASE}, {more}"


CASES = (
    Case(
        "A1111 1.10",
        "a cat\nNegative prompt: bad\nSteps: 25, Sampler: DPM++ 2M, Schedule type: Karras, "
        "CFG scale: 6.5, Seed: 42, Size: 640x512, Model hash: 6ce0161689, Model: dream, "
        "Version: v1.10.1",
        {
            "prompt": "a cat",
            "negative_prompt": "bad",
            "steps": 25,
            "sampler": Sampler.DPMPP_2M,
            "schedule": Schedule.KARRAS,
            "cfg_scale": 6.5,
            "seed": 42,
            "width": 640,
            "height": 512,
            "checkpoints": ["dream.safetensors"],
            "vae": "",
            "clip_skip": 1,
            "with_hires": False,
            "variation_strength": 0.0,
        },
    ),
    Case(
        "the schedule in the sampler's name",
        f"a cat\n{BASE.replace('Euler a', 'DPM++ SDE Karras')}",
        {"sampler": Sampler.DPMPP_SDE, "schedule": Schedule.KARRAS},
    ),
    Case(
        "exponential in the sampler's name",
        f"a cat\n{BASE.replace('Euler a', 'DPM++ 2M SDE Exponential')}",
        {"sampler": Sampler.DPMPP_2M_SDE, "schedule": Schedule.EXPONENTIAL},
    ),
    Case(
        "A1111 of 2022, with its names of samplers",
        "a cat\nSteps: 20, Sampler: k_euler_a, CFG scale: 7, Seed: 1, Size: 512x512",
        {"sampler": Sampler.EULER_A, "schedule": Schedule.AUTOMATIC},
    ),
    Case(
        "k_dpm_2_a_karras",
        f"a\n{BASE.replace('Euler a', 'k_dpm_2_a')}",
        {"sampler": Sampler.DPM2_A},
    ),
    Case(
        "A1111 of 2022, whose model has a hash alone",
        base("Model hash: 7460a6fa"),
        {"checkpoints": ["by-hash.safetensors"]},
    ),
    Case(
        "a sampler that isn't offered",
        f"a\n{BASE.replace('Euler a', 'DPM adaptive')}",
        {"steps": 20},
        ("Sampler",),
    ),
    Case(
        "a sampler that nobody knows",
        f"a\n{BASE.replace('Euler a', 'Warp')}",
        {"steps": 20},
        ("Sampler",),
    ),
    Case(
        "a schedule that isn't offered",
        base("Schedule type: KL Optimal"),
        {"sampler": Sampler.EULER_A, "schedule": Schedule.AUTOMATIC},
        ("Schedule type",),
    ),
    Case(
        "a pair that isn't offered",
        base("Schedule type: Karras"),
        {"sampler": Sampler.EULER_A, "schedule": Schedule.AUTOMATIC},
        ("Schedule type",),
    ),
    Case("clip skip", base("Clip skip: 2"), {"clip_skip": 2}),
    Case("clip skip out of bounds", base("Clip skip: 20"), {"clip_skip": 12}, ("Clip skip",)),
    Case("ENSD", base("Clip skip: 2, ENSD: 31337"), {"clip_skip": 2}, ("ENSD",)),
    Case("no ENSD", base("ENSD: 0"), {"seed": 1}),
    Case("a VAE", base("VAE: vae-ft-mse.safetensors"), {"vae": "vae-ft-mse.safetensors"}),
    Case("automatic VAE", base("Model: dream, VAE: Automatic"), {"vae": ""}),
    Case(
        "a variation",
        base("Variation seed: 99, Variation seed strength: 0.25, Seed resize from: 512x512"),
        {"variation_seed": 99, "variation_strength": 0.25},
        ("Seed resize from",),
    ),
    Case(
        "img2img",
        base("Denoising strength: 0.4"),
        {"denoising_strength": 0.4, "with_hires": False},
        ("Denoising strength",),
    ),
    Case(
        "inpaint",
        base(
            "Denoising strength: 0.6, Mask mode: Inpaint not masked, Mask blur: 8, Inpaint area: "
            "Only masked, Masked area padding: 64, Masked content: latent noise"
        ),
        {
            "inpaint.inverted": True,
            "inpaint.blur": 8,
            "inpaint.area": "Only masked",
            "inpaint.padding": 64,
            "inpaint.content": "latent noise",
        },
        ("Denoising strength",),
    ),
    Case(
        "hires by a factor",
        base(
            "Denoising strength: 0.55, Hires upscale: 1.5, Hires steps: 12, "
            "Hires upscaler: 4x-UltraSharp"
        ),
        {
            "mode": "txt2img",
            "with_hires": True,
            "hires.scale": 1.5,
            "hires.steps": 12,
            "hires.upscaler": "4x-UltraSharp.safetensors",
            "hires.denoising_strength": 0.55,
            "hires.sampler": None,
            "hires.schedule": None,
        },
    ),
    Case(
        "hires by a size",
        base("Hires resize: 1024x1536, Hires upscaler: Latent (nearest-exact)"),
        {"hires.scale": 2.0, "hires.upscaler": "Latent (nearest-exact)", "hires.steps": None},
    ),
    Case(
        "hires to another shape",
        base("Hires resize: 1024x1024, Hires upscaler: Latent"),
        {"hires.scale": 2.0},
        ("Hires resize",),
    ),
    Case(
        "hires beyond the bounds",
        base("Hires upscale: 6, Hires upscaler: Lanczos"),
        {"hires.scale": 4.0, "hires.upscaler": "Lanczos"},
        ("Hires upscale",),
    ),
    Case(
        "hires with A1111's own upscaler, and a sampler of its own",
        base(
            "Hires upscale: 2, Hires upscaler: R-ESRGAN 4x+, Hires sampler: DPM++ 2M, "
            "Hires schedule type: Karras, Hires prompt: b, Hires CFG Scale: 1"
        ),
        {
            "hires.upscaler": "RealESRGAN_x4plus.safetensors",
            "hires.sampler": Sampler.DPMPP_2M,
            "hires.schedule": Schedule.KARRAS,
        },
        ("Hires prompt", "Hires CFG Scale"),
    ),
    Case(
        "hires without an upscaler, with one that is not here",
        base("Hires upscale: 2, Hires upscaler: None, Hires checkpoint: Use same checkpoint"),
        {"with_hires": True},
        ("Hires upscaler",),
    ),
    Case(
        "hires of 2022",
        "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 1024x1024, "
        "Denoising strength: 0.7, First pass size: 512x512",
        {"width": 512, "height": 512, "with_hires": True, "hires.scale": 2.0},
    ),
    Case(
        "hires of 2022, whose first pass is worked out",
        "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 1024x768, "
        "Denoising strength: 0.7, First pass size: 0x0",
        {"width": 640, "height": 448, "hires.scale": 1.714},
        ("Hires resize",),
    ),
    Case(
        "a size out of bounds",
        "a\nSteps: 500, Sampler: DDIM, CFG scale: 50, Seed: 1, Size: 4096x513",
        {"width": 2048, "height": 512, "steps": 150, "cfg_scale": 30.0},
        ("Size", "Steps", "CFG scale"),
    ),
    Case(
        "no numbers",
        "a\nSteps: many, Sampler: DDIM, CFG scale: nan, Seed: x, Size: big",
        {"sampler": Sampler.DDIM},
        ("Size", "Steps", "CFG scale", "Seed"),
    ),
    Case(
        "LoRAs, one under another name here",
        base('Lora hashes: "old-ink: 0123456789ab", Model: dream', "a cat <lora:old-ink:0.8>"),
        {"prompt": "a cat <lora:ink:0.8>", "loras": [], "lora_weights": {}},
    ),
    Case(
        "a LoRA that isn't here",
        base("Version: v1.6.0", "a cat <lora:gone:0.8:0.5>"),
        {"prompt": "a cat <lora:gone:0.8:0.5>"},
    ),
    Case(
        "LoRAs of sd-webui-additional-networks",
        base(
            "AddNet Enabled: True, AddNet Module 1: LoRA, AddNet Model 1: ink(0123456789ab), "
            "AddNet Weight A 1: 0.7, AddNet Weight B 1: 0.7"
        ),
        {"loras": ["ink.safetensors"], "lora_weights": {"ink.safetensors": 0.7}},
    ),
    Case(
        "embeddings",
        base('TI hashes: "easynegative: c74b4e810b03", Version: v1.7.0'),
        {"prompt": "a cat"},
    ),
    Case(
        "templates of dynamic prompts",
        base("Version: v1.8.0\nTemplate: a {cat|dog}\nNegative Template: bad"),
        {"prompt": "a cat", "steps": 20},
        ("Template", "Negative Template"),
    ),
    Case(
        "Forge",
        "a cat\nSteps: 20, Sampler: Euler, Schedule type: Simple, CFG scale: 1, "
        "Distilled CFG Scale: 3.5, Seed: 5, Size: 896x1152, Model: dream, "
        "Diffusion in Low Bits: Automatic (fp16 LoRA), Version: f2.0.1v1.10.1",
        {"sampler": Sampler.EULER, "schedule": Schedule.SIMPLE, "cfg_scale": 1.0},
        ("Distilled CFG Scale", "Diffusion in Low Bits"),
    ),
    Case(
        "SD.Next",
        "a cat\nSteps: 20, Size: 1024x1024, Sampler: UniPC, Seed: 7, CFG scale: 6, App: SD.Next, "
        "Version: 1a2b3c4, Pipeline: StableDiffusionXLPipeline, Operations: txt2img, Model: dream",
        {"sampler": Sampler.UNIPC, "seed": 7, "width": 1024},
    ),
    Case(
        "a node of ComfyUI",
        "a cat\nNegative prompt: bad\nSteps: 30, Sampler: dpmpp_2m_karras, CFG scale: 8.0, "
        "Seed: 1065498436282871, Size: 512x512, Model: dream, RNG: CPU, Version: ComfyUI",
        {"sampler": Sampler.DPMPP_2M, "schedule": Schedule.KARRAS, "steps": 30},
        ("Seed",),
        with_gpu_noise=False,
    ),
    Case(
        "another node of ComfyUI, with an entry for the scheduler",
        "a cat\nSteps: 30, Sampler: dpmpp_2m_sde_gpu, Scheduler: exponential, CFG scale: 8.0, "
        "Seed: 3, Size: 512x512",
        {"sampler": Sampler.DPMPP_2M_SDE, "schedule": Schedule.EXPONENTIAL},
    ),
    Case(
        "Civitai",
        base(
            "Clip skip: 2, Created Date: 2024-05-01T10:00:00.0Z, Civitai resources: "
            '[{"type":"checkpoint","modelVersionId":7,"modelName":"Foo: bar, Steps: 3"}], '
            "Civitai metadata: {}"
        ),
        {"steps": 20, "clip_skip": 2},
    ),
    Case(
        "refiner, faces, tiling and what extensions add",
        base(
            "Face restoration: CodeFormer, Refiner: xl [7440042bbd], Refiner switch at: 0.8, "
            'Tiling: True, ADetailer model: face_yolov8n.pt, FreeU Stages: "[{}, {}]"'
        ),
        {"steps": 20},
        (
            *("Face restoration", "Refiner", "Refiner switch at", "Tiling"),
            *("ADetailer model", "FreeU Stages"),
        ),
    ),
    Case("no parameters", "just a prompt", {"prompt": "just a prompt"}, with_gpu_noise=False),
)
