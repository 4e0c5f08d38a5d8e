"""Tells which model files a request names, wherever in it that stands."""

from collections.abc import Iterator

from formats.generation.extra_networks import merge_loras
from formats.generation.request import GenerationRequest
from formats.generation.upscaling import upscaler_file
from formats.models.kinds import ModelKind


def named_files(request: GenerationRequest) -> tuple[tuple[ModelKind, str], ...]:
    """Kind and name of every file, the LoRAs of the prompt's tags included.

    Raises ValueError for a tag that can't be read.
    """
    _, loras = merge_loras(request.loras, request.prompt)
    return (
        *([(ModelKind.CHECKPOINT, request.checkpoint)] if request.checkpoint else ()),
        *([(ModelKind.VAE, request.vae)] if request.vae else ()),
        *((ModelKind.LORA, lora.name) for lora in loras),
        *((ModelKind.EMBEDDING, name) for name in request.embeddings),
        *((ModelKind.CONTROLNET, unit.model) for unit in request.controlnets),
        *((ModelKind.UPSCALER, name) for name in _upscalers(request)),
    )


def named_loras(request: GenerationRequest) -> tuple[str, ...]:
    """The LoRAs alone, each once; none of a prompt with a tag that can't be read."""
    try:
        files = named_files(request)
    except ValueError:
        return ()
    return tuple(dict.fromkeys(name for kind, name in files if kind is ModelKind.LORA))


def _upscalers(request: GenerationRequest) -> Iterator[str]:
    for part in (request.hires, request.upscale):
        if part and (name := upscaler_file(part.upscaler)):
            yield name
