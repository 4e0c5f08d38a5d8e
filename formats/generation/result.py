"""Owns the result: how a job ended and what was really applied."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from formats.frozen import Tolerant
from formats.keys import JobId, Sha256
from formats.models.kinds import Family, ModelKind


class Outcome(StrEnum):
    """The ways in which the container can end a job."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ErrorCode(StrEnum):
    """Typed reasons for a failed job; the HTTP status of each is the container's."""

    BAD_REQUEST = "bad_request"
    MODEL_MISSING = "model_missing"
    MODEL_BROKEN = "model_broken"
    MODEL_MISMATCH = "model_mismatch"
    MODEL_CHANGED = "model_changed"
    INPUT_MISSING = "input_missing"
    UNSUPPORTED = "unsupported"
    CANCELLED = "cancelled"
    REQUEST_CONFLICT = "request_conflict"
    TOO_LARGE = "too_large"
    BUSY = "busy"
    OUT_OF_MEMORY = "out_of_memory"
    DISK_FULL = "disk_full"
    WORKER_LOST = "worker_lost"
    STORAGE = "storage"
    INTERNAL = "internal"


class Failure(Tolerant):
    """Why a job failed, in words a user can act on."""

    code: ErrorCode
    message: Annotated[str, Field(max_length=4096)]
    field: str | None = None
    """The request's field at fault, where there is one."""


class AppliedModel(Tolerant):
    """One file that was really used."""

    kind: ModelKind
    name: str
    sha256: Sha256
    family: Family = Family.UNKNOWN
    weight: float | None = None
    text_encoder_weight: float | None = None
    """A LoRA's, where it has one of its own."""
    tier: str = ""
    """Where it came from: memory (GPU), RAM (pinned), disk or S3."""
    size: int | None = None
    """Of the file in bytes; None where a container older than 0.2 wrote the result."""
    keys_matched: int | None = None
    keys_unmatched: int | None = None
    """A LoRA's tensors that found their layer, and those that did not."""


class Picture(Tolerant):
    """One picture of the result, `outputs/<index>.png`."""

    index: Annotated[int, Field(ge=0)]
    seed: int
    variation_seed: int | None = None
    """Where the job has a variation."""
    width: int
    height: int
    sha256: Sha256
    infotext: str
    postprocessing: str = ""
    """How an upscale job made it larger; `infotext` is then the one of the image it enlarged."""
    batch: int = 1
    """How many pictures were drawn together with it, its job's and others', itself included."""
    seat: int = 0
    """Its place among them. The same pictures in the same places have the same bits."""


class GenerationResult(Tolerant):
    """`jobs/<id>/result.json`, written once by the container, whatever way the job ended."""

    version: Literal[1] = 1
    id: JobId
    request_sha256: Sha256 | None = None
    """Of the request that ended so, see `GenerationRequest.sha256`; of the body as it came where
    that was no request. None where an older version wrote the result."""
    outcome: Outcome
    failure: Failure | None = None
    pictures: tuple[Picture, ...] = ()
    maps: int = 0
    """How many control maps lie beside the pictures, one for each unit."""
    models: tuple[AppliedModel, ...] = ()
    sampler_class: str = ""
    """diffusers' scheduler class that stood for the sampler; a hires fix's besides, if another."""
    prediction: str = ""
    """What the checkpoint's UNet was taken to predict: `epsilon` or `v_prediction`."""
    approximate: str | None = None
    """Said when the sampler is like A1111's but not the same."""
    tokens: int | None = None
    """Length of the prompt in CLIP tokens."""
    seconds: dict[str, float] = Field(default_factory=dict)
    """Seconds per stage: fetch, load, encode, draw, enlarge, decode, save."""
    notes: tuple[str, ...] = ()
    """What went otherwise than asked, without a change to the pictures' meaning: decoded in tiles,
    a smaller batch for want of memory, an upscaler that stood in."""
    device: str = ""
    peak_bytes: int | None = None
    """Most memory that was in use: the GPU's, or on the CPU the worker's."""
    container: str = ""
    """Version of the container that ran."""
    started_at: datetime
    ended_at: datetime
