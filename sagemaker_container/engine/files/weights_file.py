"""A model's weights file: what its header says, and why it can't be used."""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from formats.frozen import Tolerant
from formats.generation.result import AppliedModel, ErrorCode
from formats.models.detection import classify
from formats.models.kinds import EXTENSIONS, Family, ModelKind
from formats.models.prediction import PredictionType
from formats.models.safetensors_header import Header, HeaderError, parse_header, read_header
from sagemaker_container.errors import JobError
from sagemaker_container.texts import files as texts

REQUEST_FIELDS: Final = {
    ModelKind.CHECKPOINT: "checkpoint",
    ModelKind.VAE: "vae",
    ModelKind.LORA: "loras",
    ModelKind.CONTROLNET: "controlnets",
    ModelKind.EMBEDDING: "embeddings",
    ModelKind.UPSCALER: "upscaler",
}
"""The request's field that names a file of each kind."""
MAX_SIDECAR_BYTES: Final = 64 * 2**10
_KEPT_HEADERS: Final = 16
"""Of files that jobs named last: reading SD 1.5's takes 12 ms of Python, twice a job."""
_PICKLES: Final = (".ckpt", ".pt", ".pth", ".bin", ".pkl")


class Sidecar(Tolerant):
    """`<name>.json` beside a checkpoint in S3: what the checkpoint predicts, if its tensors don't
    say it.

    The fields are those of diffusers' scheduler configuration.
    """

    prediction_type: PredictionType | None = None
    rescale_betas_zero_snr: bool | None = None


@dataclass(frozen=True)
class WeightsFile:
    """A file whose header was checked, on this machine's disk or still in S3."""

    kind: ModelKind
    name: str
    sha256: str
    path: Path
    header: Header
    family: Family
    tier: str
    """Where it was found: disk or S3."""
    sidecar: Sidecar = field(default_factory=Sidecar)

    @property
    def is_on_disk(self) -> bool:
        """Whether the whole file is on the disk; otherwise only its header is known."""
        return self.path != Path()

    @property
    def stem(self) -> str:
        """The name without its extension, as infotexts have it."""
        return Path(self.name).stem

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.header.file_size

    def result_entry(self, *, tier: str | None = None, weight: float | None = None) -> AppliedModel:
        """The file's entry in a result."""
        return AppliedModel(
            kind=self.kind,
            name=self.name,
            sha256=self.sha256,
            family=self.family,
            tier=tier or self.tier,
            size=self.size,
            weight=weight,
        )

    def broken_error(self, reason: str) -> JobError:
        """The error for a damaged or incomplete file."""
        return file_error(ErrorCode.MODEL_BROKEN, self.kind, self.name, reason)

    def mismatch_error(self, reason: str) -> JobError:
        """The error for a file that doesn't fit the job's other files."""
        return file_error(ErrorCode.MODEL_MISMATCH, self.kind, self.name, reason)


def file_error(code: ErrorCode, kind: ModelKind, name: str, reason: str) -> JobError:
    """An error whose message begins with the file's name."""
    return JobError(code, texts.about(name, reason), REQUEST_FIELDS.get(kind))


def sidecar_name(name: str) -> str:
    """The name of a weights file's sidecar."""
    return f"{Path(name).stem}.json"


def is_safetensors(name: str) -> bool:
    """Whether the name is that of a safetensors file; only those have a header."""
    return name.lower().endswith(".safetensors")


def check_extension(kind: ModelKind, name: str) -> None:
    """Raises JobError(UNSUPPORTED) for a file that could run code when loaded, such as .ckpt."""
    if name.lower().endswith(EXTENSIONS[kind]):
        return
    is_pickle = name.lower().endswith(_PICKLES)
    reason = texts.is_pickle if is_pickle else texts.wrong_extension
    raise file_error(ErrorCode.UNSUPPORTED, kind, name, reason(kind, EXTENSIONS[kind]))


def open_header(kind: ModelKind, name: str, start: bytes, size: int) -> WeightsFile:
    """A file of `size` bytes in S3, of which only the first bytes were read.

    Raises JobError(MODEL_BROKEN, MODEL_MISMATCH, UNSUPPORTED).
    """
    if not is_safetensors(name):
        return _without_header(kind, name, size)
    try:
        header = parse_header(start)
    except HeaderError as error:
        raise file_error(ErrorCode.MODEL_BROKEN, kind, name, str(error)) from error
    if header.file_size != size:
        reason = texts.wrong_size(size, header.file_size)
        raise file_error(ErrorCode.MODEL_BROKEN, kind, name, reason)
    return _classify_header(kind, name, header)


def open_file(kind: ModelKind, name: str, path: Path, sha256: str, tier: str) -> WeightsFile:
    """A file of the disk cache. Raises JobError(MODEL_BROKEN, MODEL_MISMATCH, UNSUPPORTED)."""
    status = path.stat()
    if is_safetensors(name):
        file = _read_file(kind, name, path, status.st_size, status.st_mtime_ns)
    else:
        file = _without_header(kind, name, status.st_size)
    return replace(file, path=path, sha256=sha256, tier=tier)


@lru_cache(_KEPT_HEADERS)
def _read_file(kind: ModelKind, name: str, path: Path, size: int, _changed_ns: int) -> WeightsFile:
    try:
        with path.open("rb") as data:
            header = read_header(data, size)
    except HeaderError as error:
        raise file_error(ErrorCode.MODEL_BROKEN, kind, name, str(error)) from error
    return _classify_header(kind, name, header)


def _without_header(kind: ModelKind, name: str, size: int) -> WeightsFile:
    header = Header(tensors={}, metadata={}, data_start=size)
    return WeightsFile(kind, name, "", Path(), header, Family.UNKNOWN, "S3")


def _classify_header(kind: ModelKind, name: str, header: Header) -> WeightsFile:
    """Raises JobError if the header is that of another kind of model, or of one nothing reads."""
    found = classify(header)
    if found.unsupported:
        raise file_error(ErrorCode.UNSUPPORTED, kind, name, found.unsupported)
    if found.kind is None:
        raise file_error(ErrorCode.MODEL_BROKEN, kind, name, texts.UNKNOWN_KIND)
    if found.kind is not kind:
        reason = texts.other_kind(found.kind, kind)
        raise file_error(ErrorCode.MODEL_MISMATCH, kind, name, reason)
    return WeightsFile(kind, name, "", Path(), header, found.family, "S3")


def check_family(file: WeightsFile, checkpoint: WeightsFile) -> None:
    """Raises JobError(MODEL_MISMATCH) if a file is made for another family of checkpoints."""
    if not file.family.fits(checkpoint.family):
        raise file.mismatch_error(
            texts.other_family(file.family, checkpoint.name, checkpoint.family)
        )
