"""Every limit on a request; the form, the service layer and the container share them."""

from typing import Final

PROMPT_BYTES: Final = 8192
"""Longest prompt in UTF-8 bytes."""

MAX_AND_PARTS: Final = 16
"""Prompts joined by AND; each is one more row of the UNet's batch, for every image."""

MAX_BRACKET_DEPTH: Final = 64
"""Brackets open at once."""

MAX_PROMPT_WEIGHT: Final = 500.0
"""Of a word, all weights around it multiplied, and of a prompt joined by AND; either sign. Prompts
use 0 to 2, some -1 or 5; 64 round brackets weigh 446-fold, near the end of half precision."""

MAX_PROMPT_CHANGES: Final = 64
"""`[a:b:0.5]` and `[a|b]` in one prompt."""

MIN_SIDE: Final = 64
MAX_SIDE: Final = 2048
"""Image sides in pixels; both must divide by `SIDE_STEP`, the VAE's down-scaling factor."""

SIDE_STEP: Final = 8

MAX_STEPS: Final = 150
MAX_CFG_SCALE: Final = 30.0
MAX_CLIP_SKIP: Final = 12
MAX_SEED: Final = 2**32 - 1
"""A1111 takes seeds of 32 bits; larger ones don't survive its infotext readers."""

MAX_BATCH_SIZE: Final = 8
MAX_IMAGES: Final = 16
"""Batch size x batch count of one job."""

MAX_LORAS: Final = 8
"""Chosen in the form and named by tags in the prompt, together."""

MAX_LORA_WEIGHT: Final = 4.0
MAX_EMBEDDINGS: Final = 16
MAX_CONTROLNET_UNITS: Final = 4
MAX_CONTROLNET_WEIGHT: Final = 2.0

MAX_HIRES_SCALE: Final = 4.0
MAX_UPSCALE: Final = 8.0
"""Largest factors by which an image's sides grow (A1111's sliders)."""

MAX_MASK_BLUR: Final = 64
MAX_MASK_PADDING: Final = 256
"""Pixels (A1111's sliders)."""

MAX_PEOPLE: Final = 16
"""Figures in one pose."""

MAX_COORDINATE: Final = 8192
"""Farthest that a joint may lie from its canvas's upper left corner in x and in y, and the largest
side of a canvas that is read from a pose file, in pixels."""

MAX_IMAGE_PIXELS: Final = 4096 * 4096
"""Largest image that is decoded anywhere; checked on the header, before the pixels are read."""

MAX_IMAGE_BYTES: Final = 32 * 2**20
MAX_IMAGE_CHUNKS: Final = 2**15
"""Chunks of a PNG, segments of a JPEG before its pixels. Pillow takes up to 16 microseconds for
each; encoders write pixels in chunks of 8 KiB and more, 4096 of them in `MAX_IMAGE_BYTES`."""

MAX_IMAGE_TEXT_BYTES: Final = 8 * 2**20
"""Texts of a PNG, of all its text chunks as they stand in the file, compressed or not."""

MAX_NAME: Final = 128
"""Longest name of a model file, an endpoint or a pose, in characters."""

MAX_HEADER_BYTES: Final = 8 * 2**20
MAX_TENSORS: Final = 20_000
MAX_DIMENSIONS: Final = 64
MAX_TENSOR_NAME: Final = 256
"""Of a safetensors header that is read; a name's length is in characters. An SDXL checkpoint has
2,600 tensors in 320 KB, a LoRA up to about 10,000 in 1.5 MB, names up to 120 characters long, and a
trainer's metadata takes a few MB at most. The format itself allows 100 MB. torch has at most 64
dimensions."""

MAX_URL: Final = 2048
"""Of an address that somebody gives, in characters."""

MAX_MODEL_DESCRIPTION: Final = 8000
MAX_MODEL_TAGS: Final = 64
MAX_TRAINED_WORDS: Final = 100
"""Of what is kept about a model file: characters of its description, and how many tags and words.
Trainers of a style give up to 60 words."""

MAX_STYLE_NAME: Final = 128
MAX_STYLES_OF_JOB: Final = 16
MAX_STYLES: Final = 5000
MAX_STYLES_BYTES: Final = 4 * 2**20
MAX_TAG_LIST_BYTES: Final = 16 * 2**20
MAX_TAGS: Final = 300_000
MAX_TAG_NAME: Final = 200
MAX_TAG_ALIASES: Final = 4000
"""Characters of all aliases of a tag."""
"""Of one file of styles. Collections that people share have up to 1,500 styles in 400 KB."""

MAX_MATRIX_PARTS: Final = 8
"""Parts behind the first bar of a prompt matrix: 256 prompts."""

MAX_AXIS_VALUES: Final = 256
"""Of one axis of a grid."""

MAX_AXIS_TEXT: Final = 20_000
"""Characters of an axis's values."""

MAX_PROMPT_LINES: Final = 500
"""Jobs of one file of prompts."""

MAX_WILDCARD_VALUE: Final = 2000
MAX_WILDCARD_VALUES: Final = 20_000
MAX_WILDCARD_LISTS: Final = 500
MAX_WILDCARD_BYTES: Final = 2 * 2**20
"""Of one wildcard file: characters of a value, values of a list, lists, and bytes. Collections that
people share have up to some thousand values of at most a few hundred characters."""
