"""Texts of the form that Generate and ControlNet share.

Labels and help of the parameters are declared with them in `formats.generation.parameters`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from core.endpoints.model_caches.caches import CacheTier
from formats.generation.samplers import Sampler

VIEWERS_LOOK: Final = (
    "Your role is viewer: you can look at what your team shows you, and generate nothing. Ask an "
    "admin of your team for another role."
)
GENERATE: Final = "Generate on Cloud"
MODE: Final = "Mode"
PROMPT_PLACEHOLDER: Final = "What the picture shows, for example: a cute dog"
NEGATIVE_PROMPT_PLACEHOLDER: Final = "What it should not show"

# ---- the endpoint
ENDPOINT: Final = "Endpoint"
NO_ENDPOINT: Final = "No endpoint yet"
ANY_ENDPOINT: Final = "Any endpoint"
ANY_ENDPOINT_NOTE: Final = (
    "Goes to one that is InService and idle, best with the checkpoint in memory; the job says why."
)
CACHED: Final = {
    CacheTier.MEMORY: "checkpoint in memory",
    CacheTier.DISK: "checkpoint on disk",
}
CREATE_ENDPOINT: Final = "Create an endpoint"
REFRESH_ENDPOINTS: Final = "Refresh the endpoints"
REFRESH_ENDPOINTS_HELP: Final = "Ask AWS again for the endpoints and their states"

# ---- model files
CHECKPOINT: Final = "Checkpoint"
CHECKPOINT_PLACEHOLDER: Final = "Choose a checkpoint"
CHECKPOINT_HELP: Final = "Several make one job each, with everything else the same."
NO_CHECKPOINT: Final = "No checkpoint in S3 yet"
UPLOAD_CHECKPOINT: Final = "Upload a checkpoint"
REFRESH_MODELS: Final = "Refresh the models"
REFRESH_MODELS_HELP: Final = "Read the model lists from S3 again"
LORA: Final = "LoRA"
LORA_PLACEHOLDER: Final = "None"
LORA_HELP: Final = "Applied together. A <lora:name:weight> in the prompt wins over its weight here."
NO_LORA: Final = "No LoRA in S3 yet"
VAE: Final = "VAE"
OWN_VAE: Final = "The checkpoint's own"
CONTROLNET: Final = "ControlNet model"
NO_CONTROLNET: Final = "No ControlNet in S3 yet"
UPLOAD_CONTROLNET: Final = "Upload a ControlNet"

# ---- images
START_IMAGE: Final = "Picture to start from"
START_IMAGE_ALT: Final = "The picture to start from"
REMOVE_IMAGE: Final = "Remove the picture"
ANIMATED: Final = "This picture is animated: its first frame is used."
TAKE_SIZE: Final = "Use its size"
TAKE_SIZE_HELP: Final = "Sets width and height to those of the picture."

# ---- inpaint
MASK: Final = "Mask"
MASK_IMAGE: Final = "Mask, white where the picture is drawn anew"
MASK_ALT: Final = "The mask"
REMOVE_MASK: Final = "Remove the mask"
INPAINT_DENOISING_HELP: Final = "0 keeps what is below the mask, 1 keeps nothing of it."
MASK_MODE: Final = "Mask mode"
MASK_BLUR: Final = "Mask blur"
MASK_PADDING: Final = "Only masked padding"
MASKED_CONTENT: Final = "Masked content"
MASKED_CONTENT_HELP: Final = "What generation starts from below the mask."
INPAINT_AREA: Final = "Inpaint area"
INPAINT_AREA_HELP: Final = "Only masked draws the mask's surroundings alone, at the full size."

# ---- hires fix and upscale
HIRES: Final = "Hires fix"
HIRES_HELP: Final = "Makes the finished picture larger and draws over it once more."
HIRES_STEPS: Final = "Hires steps"
HIRES_SAMPLER: Final = "Hires sampler"
HIRES_SCHEDULE: Final = "Hires schedule type"
HIRES_DENOISING: Final = "Hires denoising strength"
HIRES_DENOISING_HELP: Final = "Latent upscalers need 0.5 or more, the others draw well with less."
INHERITED: Final = "As in the first pass"
UPSCALER: Final = "Upscaler"
UPSCALER_HELP: Final = "ESRGAN files that are uploaded on the Models page stand here too."
UPSCALE_BY: Final = "Upscale by"


def approximate(sampler: str) -> str:
    """A sampler that diffusers has only something like."""
    return f"{sampler} (approximate)"


def approximate_help(reasons: Mapping[Sampler, str]) -> str:
    """Why samplers are approximate."""
    return "".join(f"{sampler}: {reason}. " for sampler, reason in reasons.items())


def endpoint(mark: str, name: str, status: str) -> str:
    """An endpoint in the picker."""
    return f"{mark} {name} · {status}"


def endpoint_starting(age: str, takes: str) -> str:
    """Beside an endpoint that is in Creating."""
    return f"Starting for {age}; a start takes {takes}. Jobs can be sent once it is InService."


def model(name: str, family: str) -> str:
    """A model file in a picker."""
    return f"{name} · {family}"


def model_about(name: str, description: str) -> str:
    """What the makers of a model file say of it."""
    return f"{name}: {description}"


def lora_weight(name: str) -> str:
    """The label of a LoRA's weight."""
    return f"Weight of {name}"


def embeddings(names: str) -> str:
    """Which embeddings there are."""
    return f"Embeddings, used where a prompt names them: {names}."


def pixel_range(limit: int) -> str:
    """The help of a length in the image."""
    return f"Pixels of the picture, 0 to {limit}."


def scale_range(limit: float) -> str:
    """The help of a scale."""
    return f"1 to {limit:g}."


def size_after_hires(before: str, after: str) -> str:
    """What hires fix makes of the size."""
    return f"{before} becomes {after} pixels."


# ---- what is known of the chosen models
USE_SETTINGS: Final = "Use its settings"


def add_word(word: str) -> str:
    """A button that puts a trained word into the prompt, in Markdown."""
    return f":material/add: {word}"


def add_word_help(word: str, model_title: str) -> str:
    """What that button does; both in Markdown."""
    return f"Puts it into the prompt. {model_title} was trained with it: {word}"


def same_title(title: str, file: str) -> str:
    """One of several models of the same title."""
    return f"{title} ({file})"


def weight_range(lowest: float, highest: float) -> str:
    """The weights that a LoRA is best used with."""
    return f"Best from {lowest:g} to {highest:g}, as its description says."


def recommended(title: str, changes: Iterable[tuple[str, str]]) -> str:
    """`toon is best with Steps 8, CFG scale 2`; the title in Markdown."""
    return f"{title} is best with " + ", ".join(f"{label} {value}" for label, value in changes)


def settings_used(changes: Iterable[tuple[str, str, str]]) -> str:
    """What using a model's settings changed: `Steps 20 → 8, CFG scale 7 → 2`."""
    told = ", ".join(f"{label} {old} → {new}" for label, old, new in changes)
    return told or "The form has these settings already."


# ---- scripts and grids
SCRIPT: Final = "Script"
NO_SCRIPT: Final = "None"
SCRIPT_HELP: Final = "Makes a grid of many jobs from this form, with one click."
NO_AXIS: Final = "Nothing"
FILL: Final = "All"
FILL_HELP: Final = "Fill in everything there is"
AXIS_POSES: Final = "Poses"
KEEP_RANDOM_SEEDS: Final = "Keep -1 for seeds"
KEEP_RANDOM_SEEDS_HELP: Final = "Each cell has a random seed of its own, instead of one for all."
VARY_SEEDS: Final = "Vary seeds"
VARY_SEEDS_HELP: Final = "The seed counts up from cell to cell."
AT_START: Final = "Put variable parts at start of prompt"
DELIMITER: Final = "Joining char"
MATRIX_NOTE: Final = "Write | between the parts of the prompt: the first is in every picture."
LINES: Final = "List of prompt inputs"
LINES_PLACEHOLDER: Final = "a red dog\n--prompt a blue dog --steps 30 --seed 7"
LINES_FILE: Final = "Or a text file with them"
ONE_SEED: Final = "Use same random seed for all lines"
GRID_ALT: Final = "no picture yet"
CANCEL_GRID: Final = "Cancel all"
RETRY_GRID: Final = "Retry failed"
PREPARE_SHEET: Final = "Download the sheet"
CLOSE_GRID: Final = "Close"
CLOSE_GRID_HELP: Final = "The grid, its jobs and pictures stay: they are on the page Jobs."
GRIDS: Final = "Grids"
FORGET_GRID: Final = "Forget"
FORGET_GRID_HELP: Final = "Takes the grid out of this list. Its jobs and pictures stay."
SHOW_GRID: Final = "Grid to show"
NO_GRIDS: Final = "A script on Generate or ControlNet makes one."


def axis(letter: str) -> str:
    """The field that an axis changes."""
    return f"{letter} type"


def axis_values(letter: str) -> str:
    """What it takes one after another."""
    return f"{letter} values"


def grid_estimate(jobs: int, images: int, duration: str, price: str) -> str:
    """What a click will do; duration and price are empty where they are not known."""
    pictures = f", {images:,} pictures" if images != jobs else ""
    parts = [f"{jobs:,} {'job' if jobs == 1 else 'jobs'}{pictures}"]
    parts += [f"about {duration} of generating"] if duration else []
    parts += [f"about {price}"] if price else []
    return " · ".join(parts)


def grid_progress(made: int, total: int, failed: int) -> str:
    """How far a grid has come."""
    without = f", {failed} without a picture" if failed else ""
    return f"{made} of {total} pictures{without}"


def send_missing(count: int) -> str:
    """The button that goes on with a grid that was broken off."""
    return f"Send the missing {count}"


def grid_title(script: str, axes: Sequence[str], prompt: str) -> str:
    """A grid in the list; axes are empty where its cells are prompts."""
    return f"{' × '.join(axes) or script}: {prompt}"
