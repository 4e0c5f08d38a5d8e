"""Reads the pictures a job starts from; they are checked before their pixels are decoded."""

import hashlib
import io

from PIL import Image, ImageOps

from formats.generation.infotext import PNG_KEY
from formats.generation.result import ErrorCode
from formats.image_files import DECODE_ERRORS, IMAGE_FORMATS, strip_chunks
from formats.keys import input_key
from formats.limits import MAX_IMAGE_BYTES, MAX_IMAGE_PIXELS
from sagemaker_container.bucket import Bucket
from sagemaker_container.errors import JobError


def read_input(bucket: Bucket, sha256: str, field: str) -> Image.Image:
    """The picture `inputs/<sha256>.png` as RGB, transparency over black, upright.

    Raises JobError: INPUT_MISSING, BAD_REQUEST, TOO_LARGE, STORAGE.
    """
    data = bucket.get(input_key(sha256), limit=MAX_IMAGE_BYTES)
    if data is None:
        message = "The picture is no longer in S3; send it again."
        raise JobError(ErrorCode.INPUT_MISSING, message, field)
    if hashlib.sha256(data).hexdigest() != sha256:
        message = "The picture in S3 is not the one that was sent; send it again."
        raise JobError(ErrorCode.BAD_REQUEST, message, field)
    return decode(data, field)


def decode(data: bytes, field: str) -> Image.Image:
    """The picture in `data` as RGB. Raises JobError(BAD_REQUEST) for anything else.

    Its `info` has the infotext, where it came with one.
    """
    try:
        with Image.open(io.BytesIO(strip_chunks(data)), formats=IMAGE_FORMATS) as image:
            if image.width * image.height > MAX_IMAGE_PIXELS:
                size = f"{image.width} x {image.height}"
                message = f"The picture has {size} pixels; {MAX_IMAGE_PIXELS:,} is the limit."
                raise JobError(ErrorCode.BAD_REQUEST, message, field)
            image.load()
            flat = _flat(ImageOps.exif_transpose(image))
            flat.info = {name: image.info[name] for name in (PNG_KEY,) if name in image.info}
            return flat
    except (Image.DecompressionBombError, *DECODE_ERRORS) as error:
        message = "The picture can't be read; send it as PNG, JPEG or WebP."
        raise JobError(ErrorCode.BAD_REQUEST, message, field) from error


def _flat(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    canvas = Image.new("RGBA", image.size, "black")
    return Image.alpha_composite(canvas, image.convert("RGBA")).convert("RGB")
