"""What a safetensors file says of itself: ModelSpec's fields first, then those of its trainer."""

from collections.abc import Mapping

from core.images.files import InputImage
from core.models.metadata.fields import ModelFields
from core.models.metadata.readers.kohya import trainer_values
from core.models.metadata.readers.modelspec import header_values
from core.models.metadata.readers.thumbnails import embedded_thumbnail
from core.models.metadata.readers.untrusted import joined


def header_fields(metadata: Mapping[str, str]) -> ModelFields:
    """The fields of a header's `__metadata__`; what is damaged is left out, and nothing else."""
    return joined(header_values(metadata), trainer_values(metadata))


def header_thumbnail(metadata: Mapping[str, str]) -> InputImage | None:
    """The image that ModelSpec keeps in the header; None where there is none that can be read."""
    return embedded_thumbnail(metadata)
