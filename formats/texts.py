"""Every text of the formats that a user reads: what is wrong with a request, a prompt or a file.

A text is a whole: a constant, or a function that takes what the sentence names. The labels and
help of the parameters stand where these are declared, in `generation/parameters.py`.
"""

from typing import Final

from formats import limits

# ---- one field of a request, where pydantic names the bounds
AT_LEAST: Final = "At least {ge}."
MORE_THAN: Final = "More than {gt}."
AT_MOST: Final = "At most {le}."
TOO_MANY: Final = "At most {max_length} of them."
TOO_LONG: Final = "At most {max_length} characters."
CHOOSE_ONE: Final = "Choose one."
NO_NUMBER: Final = "A number, please."
NO_WHOLE_NUMBER: Final = "A whole number, please."

SIDE_STEP: Final = f"Must divide by {limits.SIDE_STEP}."
BAD_NAME: Final = "A name has no / \\ : * ? \" < > | and doesn't start with a dot or a space."
UPSCALE_WITHOUT_LATENTS: Final = "An upscale job has no latents; choose another upscaler."


_MOST_SHOWN: Final = 60


def shown(text: str) -> str:
    """The start of what a file or a user wrote, as a message repeats it."""
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def prompt_too_long(size: int) -> str:
    """A prompt of `size` bytes."""
    return f"Is {size} bytes long; {limits.PROMPT_BYTES} is the limit."


def brackets_too_deep(depth: int) -> str:
    """So many brackets open at once."""
    return f"Has {depth} brackets within brackets; {limits.MAX_BRACKET_DEPTH} is the limit."


_WEIGHT_LIMIT: Final = f"{limits.MAX_PROMPT_WEIGHT:g}"


def weight_too_large(text: str) -> str:
    """A word's weight out of bounds, as it is written or with those of the brackets around it."""
    return (
        f"Weighs a word too much at “{shown(text)}”: a weight, those around it multiplied, goes "
        f"from -{_WEIGHT_LIMIT} to {_WEIGHT_LIMIT}."
    )


def and_weight_too_large(text: str) -> str:
    """The weight of a prompt joined by AND out of bounds, as it is written."""
    return f"The weight “{shown(text)}” after AND goes from -{_WEIGHT_LIMIT} to {_WEIGHT_LIMIT}."


def too_many_changes(count: int) -> str:
    """So many `[a:b:0.5]` and `[a|b]`."""
    return f"Changes in {count} places over the steps; {limits.MAX_PROMPT_CHANGES} is the limit."


def too_many_and_parts(count: int) -> str:
    """So many prompts joined by AND."""
    return f"Joins {count} prompts by AND; {limits.MAX_AND_PARTS} is the limit."


def too_many_loras(count: int) -> str:
    """More LoRAs than a job takes, those of the prompt included."""
    return f"The job names {count} LoRAs; {limits.MAX_LORAS} is the limit."


# ---- samplers and schedule types
NO_SUCH_SAMPLER: Final = "diffusers has no equivalent; choose another sampler"
NO_SUCH_SCHEDULE: Final = "diffusers has no equivalent; choose another schedule type"
LIKE_DPMPP_2S_A: Final = "diffusers' single-step DPM solver stands in for it"
LIKE_SIMPLE: Final = "its timesteps are those of SGM Uniform, which differ by one of 1,000 at most"


def not_offered(name: str, why: str) -> str:
    """A sampler or schedule type of A1111's or Forge's that is refused."""
    return f"{name} is not offered: {why}."


def is_like(name: str, why: str) -> str:
    """A sampler or schedule type whose result is like A1111's but not the same."""
    return f"{name}: {why}"


def own_timesteps(schedule: str, sampler: str) -> str:
    """The same of a schedule type for a distilled sampler."""
    return f"{schedule}: {sampler} takes its own timesteps, which are nearly the same"


def schedule_unsupported(sampler: str, schedule: str) -> str:
    """A pair that diffusers can't honour."""
    return f"{sampler} has no {schedule} schedule; choose Automatic."


# ---- fields that contradict each other
NO_PROMPT: Final = "Write a prompt: there is no picture and no ControlNet to go by."
NO_CHECKPOINT: Final = "Choose a checkpoint."
TXT2IMG_WITH_IMAGE: Final = "txt2img takes no picture."
HIRES_MISPLACED: Final = "Only txt2img has a hires fix; for a picture, raise the size in img2img."
LATENT_RESIZE_MISPLACED: Final = "Only img2img resizes as latents; choose another resize mode."
UPSCALE_OF_MANY: Final = "An upscale job makes one picture; set batch size and batch count to 1."

UNIT_ENDS_EARLY: Final = "The unit's start must come before its end."
UNIT_WITHOUT_LATENTS: Final = "A map is no latent; choose another resize mode."
THRESHOLDS_CROSSED: Final = "Canny's threshold A must not be above B."


NO_PNG: Final = "This is no PNG."


def no_init_image(mode: str) -> str:
    """A mode other than txt2img, without its image."""
    return f"{mode} needs a picture to start from."


def too_many_images(count: int) -> str:
    """More images than a job makes."""
    return f"Batch size x batch count is {count}; {limits.MAX_IMAGES} is the limit."


def hires_too_large(width: int, height: int) -> str:
    """Sides of the finished image, in pixels."""
    return (
        f"Hires fix would make {width} x {height} pixels; {limits.MAX_SIDE} is the limit for a "
        "side."
    )


def settings_missing(mode: str, field: str) -> str:
    """A mode without the part of a request that it needs."""
    return f"{mode} needs its `{field}` settings."


def settings_misplaced(mode: str, field: str) -> str:
    """A part of a request that belongs to another mode."""
    return f"Only {mode} takes `{field}`."


# ---- a tag in a prompt
def torn_tag(tag: str) -> str:
    """What is left of a tag."""
    return f"{tag} is no whole tag. A LoRA is written <lora:name:0.8>."


def tag_of_no_lora(tag: str) -> str:
    """A hypernetwork's tag, for example."""
    return f"{tag} can't be used: of the networks that a prompt can name there are only LoRAs here."


def tag_with_dyn(tag: str) -> str:
    """A third number."""
    return (
        f"{tag} can't be used: a LoRA has two weights at most; a third number (dyn) is not offered."
    )


def tag_with_argument(tag: str, argument: str) -> str:
    """A named argument of another extension."""
    return f'{tag} can\'t be used: "{argument}" is not offered; only te= and unet= are.'


def tag_without_number(tag: str, weight: str) -> str:
    """A weight that is none."""
    return f'{tag} can\'t be used: the weight "{weight}" is no number.'


def tag_with_large_weight(tag: str) -> str:
    """A weight out of bounds."""
    limit = f"{limits.MAX_LORA_WEIGHT:g}"
    return f"{tag} can't be used: a weight goes from -{limit} to {limit}."


def tag_with_bad_name(tag: str, name: str) -> str:
    """A name that no file can have."""
    return f'{tag} can\'t be used: "{name}" is not the name of a file.'


# ---- files
TOO_MANY_CHUNKS: Final = (
    f"The picture's file has more than {limits.MAX_IMAGE_CHUNKS:,} parts. Save it again with an "
    "image editor."
)
TOO_MUCH_TEXT: Final = (
    f"The picture has more than {limits.MAX_IMAGE_TEXT_BYTES // 2**20} MB of text in its file. "
    "Save it again without."
)
INFOTEXT_TOO_LONG: Final = "These parameters are longer than 64 KB; they can't be a picture's."

TOO_SHORT: Final = "The file is too short to be a safetensors file."
NOT_PYTORCH: Final = "This is not a file of PyTorch's, whatever its name says."
NOT_SAFETENSORS: Final = "This is not a safetensors file, whatever its name says."
HEADER_CUT_OFF: Final = "The file is cut off inside its header; get it again."
HEADER_DAMAGED: Final = "The file's header is damaged; get the file again."
NAME_TWICE: Final = "The file's header is damaged: a name is in it twice; get the file again."


def header_too_large(size: int) -> str:
    """A header of `size` bytes."""
    return (
        f"The file's header has {size:,} bytes; {limits.MAX_HEADER_BYTES:,} is the limit. Save the "
        "file again without its metadata."
    )


def too_many_tensors(limit: int) -> str:
    """More tensors than any model of the kinds here has."""
    return f"The file has more than {limit:,} tensors, which no model that can be used here has."


def tensor_name_too_long(tensor: str) -> str:
    """The name of a tensor beyond the limit."""
    return (
        f"The name of the tensor {shown(tensor)} has {len(tensor):,} characters; "
        f"{limits.MAX_TENSOR_NAME} is the limit."
    )


def unknown_dtype(tensor: str, dtype: str) -> str:
    """A type of numbers that safetensors doesn't have."""
    return (
        f"The file's header is damaged: {shown(tensor)} is of the unknown type {shown(dtype)}; "
        "get the file again."
    )


def misplaced_tensor(tensor: str) -> str:
    """A tensor that overlaps another one, leaves a hole, or has not the bytes of its shape."""
    return (
        f"The file's header is damaged: the place of {shown(tensor)} is wrong; get the file again."
    )


def other_size(size: int, said: int) -> str:
    """The file's size and the one that its header tells, in bytes."""
    return (
        f"The file has {size:,} bytes and its header speaks of {said:,}: it is cut off or damaged; "
        "get it again."
    )


def annotator_is_unread(body_network: str) -> str:
    """An annotator that no part of the container would read; the name is of the one that is."""
    return (
        "Nothing reads this annotator. The only one that is read is OpenPose's body network, "
        f"under the name {body_network}; without it, people are found by the network that ships."
    )


# ---- what kinds of model files are called
CHECKPOINT: Final = "Checkpoint"
LORA: Final = "LoRA"
CONTROLNET: Final = "ControlNet"
EMBEDDING: Final = "Embedding"
VAE: Final = "VAE"
UPSCALER: Final = "Upscaler"
ANNOTATOR: Final = "Annotator"


def runs_code(name: str) -> str:
    """A pickle imports something else than tensors."""
    return f"It holds more than tensors ({name}) and could run code. Convert it to .safetensors."


# ---- many prompts at once
NO_STYLES_HEADER: Final = (
    "This is no file of styles: its first line must be name,prompt,negative_prompt."
)
STYLES_NOT_UTF8: Final = "The file is not in UTF-8. Save it as UTF-8 and try again."
NO_PROMPT_LINES: Final = "There is no prompt in it. Write one on each line."


def styles_too_large(most: int) -> str:
    """Bytes of a file of styles."""
    return f"A file of styles may have {most // 2**20} MB at most. Split it."


def styles_unreadable(reason: str) -> str:
    """What the reader of CSV says."""
    return f"The file of styles can't be read ({reason}). Save it as CSV and try again."


def too_many_styles(count: int, most: int) -> str:
    """Styles of one file."""
    return f"The file has {count:,} styles; {most:,} are the most. Split it."


def bad_style_entry(number: int) -> str:
    """Of a JSON list of styles."""
    return f"Entry {number} is no style: it needs a name and a prompt, none of them too long."


def bad_style(line: int) -> str:
    """A name or text beyond its limit."""
    return f"The style that ends in line {line} has too long a name or text. Shorten it."


def too_many_matrix_parts(count: int, most: int) -> str:
    """Parts of a prompt matrix behind the first bar."""
    return f"{count} parts behind the first | make 2^{count} prompts; {most} parts are the most."


def bad_axis_values(value: str) -> str:
    """A value of an axis that can't be read."""
    return (
        f"“{value}” is no number or range. Write numbers between commas, 1-5, 1-10 (+2) or "
        "1-10 [4]."
    )


def too_many_axis_values(count: int, most: int) -> str:
    """Values of one axis."""
    return f"An axis may have {most} values at most, not {count:,}."


AXIS_TEXT_TOO_LONG: Final = "The values of an axis are too long. Split the grid."


def not_in_prompts(search: str) -> str:
    """Prompt S/R whose first value is in neither prompt."""
    return (
        f"Prompt S/R did not find “{search}” in prompt or negative prompt. Its first value is what "
        "is replaced."
    )


def too_many_prompt_lines(count: int, most: int) -> str:
    """Lines of a file of prompts."""
    return f"It has {count:,} lines; {most} are the most at once. Split it."
