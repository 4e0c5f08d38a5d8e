"""Owns the model file: what a header says of it, and the refusal of what can't be used."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from formats.frozen import Tolerant
from formats.generation.result import AppliedModel, ErrorCode
from formats.models.detection import classify
from formats.models.kinds import EXTENSIONS, Family, ModelKind
from formats.models.safetensors_header import Header, HeaderError, parse_header, read_header
from sagemaker_container.errors import JobError

FIELDS: Final = {
    ModelKind.CHECKPOINT: "checkpoint",
    ModelKind.VAE: "vae",
    ModelKind.LORA: "loras",
    ModelKind.CONTROLNET: "controlnets",
    ModelKind.EMBEDDING: "embeddings",
    ModelKind.UPSCALER: "upscaler",
}
"""The request's field that names a file of each kind."""
SIDE_CAR_BYTES: Final = 64 * 2**10
"""The largest side-car file that is read."""
_PICKLES: Final = (".ckpt", ".pt", ".pth", ".bin", ".pkl")


class SideCar(Tolerant):
    """`<name>.json` beside a checkpoint in S3: what the checkpoint's tensors don't say.

    How it predicts, in the words of diffusers' scheduler configuration.
    """

    prediction_type: Literal["epsilon", "v_prediction"] | None = None
    rescale_betas_zero_snr: bool | None = None


@dataclass(frozen=True)
class ModelFile:
    """A checked file on this machine's disk."""

    kind: ModelKind
    name: str
    sha256: str
    path: Path
    header: Header
    family: Family
    tier: str
    """Where it came from: disk or S3."""
    side_car: SideCar = field(default_factory=SideCar)

    @property
    def is_here(self) -> bool:
        """Whether it lies on the disk, and not only its first bytes are known."""
        return self.path != Path()

    @property
    def stem(self) -> str:
        """The name without its extension, as infotexts write it."""
        return Path(self.name).stem

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.header.file_size

    def applied(self, *, tier: str | None = None, weight: float | None = None) -> AppliedModel:
        """The file's entry in a result."""
        return AppliedModel(
            kind=self.kind,
            name=self.name,
            sha256=self.sha256,
            family=self.family,
            tier=tier or self.tier,
            weight=weight,
        )

    def broken(self, reason: str) -> JobError:
        """The refusal of this file as damaged or incomplete."""
        return refuse(ErrorCode.MODEL_BROKEN, self.kind, self.name, reason)

    def mismatch(self, reason: str) -> JobError:
        """The refusal of this file as one that doesn't go with the others."""
        return refuse(ErrorCode.MODEL_MISMATCH, self.kind, self.name, reason)


def refuse(code: ErrorCode, kind: ModelKind, name: str, reason: str) -> JobError:
    """An error that names the file first."""
    return JobError(code, f"{name}: {reason}", FIELDS.get(kind))


def side_car_name(name: str) -> str:
    """Name of the side-car file of a model file."""
    return f"{Path(name).stem}.json"


def has_header(name: str) -> bool:
    """Whether a file is safetensors by its name; all others are opaque until they are loaded."""
    return name.lower().endswith(".safetensors")


def check_extension(kind: ModelKind, name: str) -> None:
    """Refuse a file that might run code when it is loaded, such as .ckpt.

    Raises JobError(UNSUPPORTED).
    """
    if name.lower().endswith(EXTENSIONS[kind]):
        return
    allowed = " or ".join(EXTENSIONS[kind])
    reason = f"a {kind.label} must be a {allowed} file."
    if name.lower().endswith(_PICKLES):
        reason += (
            " This one may hold a program that runs when it is loaded; convert it, for instance "
            "in A1111's Checkpoint Merger with No interpolation and safetensors, and upload that."
        )
    raise refuse(ErrorCode.UNSUPPORTED, kind, name, reason)


def open_start(kind: ModelKind, name: str, start: bytes, size: int) -> ModelFile:
    """What the first bytes of a file of `size` bytes say, before the rest is fetched.

    It has no path yet. Raises JobError(MODEL_BROKEN, MODEL_MISMATCH).
    """
    if not has_header(name):
        return _opaque(kind, name, size)
    try:
        header = parse_header(start)
    except HeaderError as error:
        raise refuse(ErrorCode.MODEL_BROKEN, kind, name, str(error)) from error
    if header.file_size != size:
        reason = f"it has {size:,} bytes and should have {header.file_size:,}; upload it again."
        raise refuse(ErrorCode.MODEL_BROKEN, kind, name, reason)
    return _described(kind, name, header)


def open_file(kind: ModelKind, name: str, path: Path, sha256: str, tier: str) -> ModelFile:
    """A file of the cache with its header read. Raises JobError(MODEL_BROKEN, MODEL_MISMATCH)."""
    if not has_header(name):
        opaque = _opaque(kind, name, path.stat().st_size)
        return replace(opaque, path=path, sha256=sha256, tier=tier)
    try:
        with path.open("rb") as file:
            header = read_header(file, path.stat().st_size)
    except HeaderError as error:
        raise refuse(ErrorCode.MODEL_BROKEN, kind, name, str(error)) from error
    return replace(_described(kind, name, header), path=path, sha256=sha256, tier=tier)


def _opaque(kind: ModelKind, name: str, size: int) -> ModelFile:
    header = Header(tensors={}, metadata={}, data_start=size)
    return ModelFile(kind, name, "", Path(), header, Family.UNKNOWN, "S3")


def _described(kind: ModelKind, name: str, header: Header) -> ModelFile:
    """Refuse a file of another kind than the one asked for."""
    found = classify(header)
    if found.kind is None:
        reason = "its tensors are those of no known kind of model."
        raise refuse(ErrorCode.MODEL_BROKEN, kind, name, reason)
    if found.kind is not kind:
        reason = f"it is a {found.kind.label}, not a {kind.label}."
        raise refuse(ErrorCode.MODEL_MISMATCH, kind, name, reason)
    return ModelFile(kind, name, "", Path(), header, found.family, "S3")


def check_family(file: ModelFile, checkpoint: ModelFile) -> None:
    """Raises JobError(MODEL_MISMATCH) when a file is made for another family of checkpoints."""
    if not file.family.fits(checkpoint.family):
        raise file.mismatch(
            f"it is made for {file.family}, and {checkpoint.name} is {checkpoint.family}."
        )
