"""The table of jobs in an archive: a line for each image, which a spreadsheet opens as text."""

from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Final

from core.jobs.records import Job
from core.team.audit.csv_export import csv_line
from formats.generation.extra_networks import merge_loras
from formats.generation.parameters import parameter_fields, value_text
from formats.generation.request import GenerationRequest
from formats.generation.result import GenerationResult

COLUMNS: Final = (
    "id",
    "time_utc",
    "prompt",
    "negative_prompt",
    "parameters",
    "seed",
    "model",
    "loras",
    "file",
)
BOM: Final = "\ufeff"
"""By which spreadsheets know UTF-8."""

_APART: Final = frozenset({"prompt", "negative_prompt", "seed"})
"""Parameters with a column of their own."""


def head_line() -> str:
    """The names of the columns."""
    return BOM + csv_line(COLUMNS)


def job_lines(
    job: Job,
    request: GenerationRequest | None,
    result: GenerationResult | None,
    files: Sequence[str],
) -> Iterator[str]:
    """A line for each image file, one for a job without any."""
    seeds = [str(image.seed) for image in result.pictures] if result else []
    for index, name in enumerate(files or ("",)):
        own = str(request.seed) if request else ""
        yield csv_line(
            (
                job.id,
                job.created_at.astimezone(UTC).isoformat(timespec="seconds"),
                request.prompt if request else job.prompt,
                request.negative_prompt if request else "",
                _parameters(request) if request else "",
                seeds[index] if index < len(seeds) else own,
                job.checkpoint,
                _loras(request) if request else "",
                name,
            )
        )


def _parameters(request: GenerationRequest) -> str:
    """As infotext has them: `Steps: 20, Sampler: Euler a`."""
    told = (
        f"{field.parameter.label}: {value_text(value)}"
        for name, field in parameter_fields().items()
        if name not in _left_out(request)
        and field.is_told(request.mode, value := getattr(request, name))
    )
    return ", ".join(told)


def _left_out(request: GenerationRequest) -> frozenset[str]:
    """A variation's seed means nothing where there is no variation."""
    return _APART if request.variation_strength else _APART | {"variation_seed"}


def _loras(request: GenerationRequest) -> str:
    try:
        _, loras = merge_loras(request.loras, request.prompt)
    except ValueError:
        loras = request.loras
    return "; ".join(f"{lora.name}:{lora.weight:g}" for lora in loras)
