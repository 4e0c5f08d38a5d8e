"""Builds every S3 key from ids and names; nothing else builds one."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter

from formats import texts
from formats.limits import MAX_NAME
from formats.models.kinds import ModelKind

ULID_PATTERN: Final = r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$"
"""Crockford base 32, 26 characters, time first (github.com/ulid/spec)."""

SHA256_PATTERN: Final = r"^[0-9a-f]{64}$"
_BAD_IN_NAMES: Final = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')

MODELS: Final = "models/"
INPUTS: Final = "inputs/"
JOBS: Final = "jobs/"
POSES: Final = "poses/"
WILDCARDS: Final = "wildcards/"
GRIDS: Final = "grids/"
KERNELS: Final = "kernels/"
UPLOADS: Final = "uploads/"
POSE_INDEX: Final = "indexes/poses.json"
MODEL_INDEX: Final = "indexes/models.json"
INPUT_INDEX: Final = "indexes/inputs.json"
"""Which inputs each request names."""
UNUSED_INPUTS: Final = "indexes/unused_inputs.json"
"""Which inputs nobody used at the last look."""
PROBES: Final = "setup/"
FORMS: Final = "forms/"
TAG_LISTS: Final = "tags/"
HEARTBEATS: Final = "heartbeats/"
MODEL_THUMBNAILS: Final = "thumbnails/"
CACHE_REPORTS: Final = "caches/"
LAST_CANCEL: Final = "indexes/last_cancel.json"
"""Written after each job's cancel key, so that a container looks at one key, not at one a job."""
ASYNC_OUTPUT: Final = "async/output/"
ASYNC_FAILURE: Final = "async/failure/"


def _check_name(name: str) -> str:
    if _BAD_IN_NAMES.search(name) or name != name.strip() or name.startswith("."):
        raise ValueError(texts.BAD_NAME)
    return name


JobId = Annotated[str, StringConstraints(pattern=ULID_PATTERN)]
Sha256 = Annotated[str, StringConstraints(pattern=SHA256_PATTERN)]
FileName = Annotated[str, Field(min_length=1, max_length=MAX_NAME), AfterValidator(_check_name)]

_job_id: Final = TypeAdapter[str](JobId)
_sha256: Final = TypeAdapter[str](Sha256)
_file_name: Final = TypeAdapter[str](FileName)


def model_key(kind: ModelKind, name: str) -> str:
    """Key of a model file. Raises ValidationError for a name that is no plain file name."""
    return f"{MODELS}{kind.value}/{_file_name.validate_python(name)}"


def parse_model_key(key: str) -> tuple[ModelKind, str] | None:
    """Kind and name of a model's key, or None for a key that is no model's."""
    parts = key.removeprefix(MODELS).split("/")
    kinds = {kind.value for kind in ModelKind}
    if not key.startswith(MODELS) or len(parts) != 2 or parts[0] not in kinds or not parts[1]:
        return None
    try:
        return ModelKind(parts[0]), _file_name.validate_python(parts[1])
    except ValueError:
        return None


def staging_key(upload_id: str) -> str:
    """Key of a file that replaces a model once it is verified. Raises ValidationError for an id
    that is no ULID."""
    return f"{UPLOADS}{_job_id.validate_python(upload_id)}"


def resume_note_key(sha256: str) -> str:
    """Key by which an older version found the interrupted upload of a file."""
    return f"{UPLOADS}{_sha256.validate_python(sha256)}.json"


def model_thumbnail_key(sha256: str) -> str:
    """Key of the image on a model file's card, a WebP, by the hash of its bytes."""
    return f"{MODEL_THUMBNAILS}{_sha256.validate_python(sha256)}.webp"


def input_key(sha256: str) -> str:
    """Key of an input image, by the hash of its PNG bytes."""
    return f"{INPUTS}{_sha256.validate_python(sha256)}.png"


def kernels_key(sha256: str) -> str:
    """Key of the compiled GPU kernels, by the hash of what they were compiled with and for."""
    return f"{KERNELS}{_sha256.validate_python(sha256)}.zip"


def job_prefix(job_id: str) -> str:
    """The folder of a job. Raises ValidationError for an id that is no ULID."""
    return f"{JOBS}{_job_id.validate_python(job_id)}/"


def request_key(job_id: str) -> str:
    """Key of a job's request; written once."""
    return job_prefix(job_id) + "request.json"


def result_key(job_id: str) -> str:
    """Key under which the container writes how the job ended, for success and for typed failure."""
    return job_prefix(job_id) + "result.json"


def heartbeat_key(instance_id: str) -> str:
    """Key under which an instance writes what it runs, and how far that is."""
    return f"{HEARTBEATS}{_file_name.validate_python(instance_id)}.json"


def cache_report_key(instance_id: str) -> str:
    """Key under which an instance writes which model files it holds."""
    return f"{CACHE_REPORTS}{_file_name.validate_python(instance_id)}.json"


def progress_key(job_id: str) -> str:
    """Key under which containers older than 0.2 write their heartbeat and the step they are at."""
    return job_prefix(job_id) + "progress.json"


def preview_key(job_id: str) -> str:
    """Names a small image of the work so far; containers older than 0.2 write it there."""
    return job_prefix(job_id) + "preview.webp"


def job_of_preview(key: str) -> str | None:
    """The job whose preview a key names, or None."""
    job_id = key.removeprefix(JOBS).partition("/")[0]
    try:
        return job_id if preview_key(job_id) == key else None
    except ValueError:
        return None


def job_of_key(key: str) -> str | None:
    """What a key below `jobs/` has for the job's id; None for every other key."""
    return key.removeprefix(JOBS).partition("/")[0] if key.startswith(JOBS) else None


def cancel_key(job_id: str) -> str:
    """Key of the object that asks the container to stop."""
    return job_prefix(job_id) + "cancel"


def output_key(job_id: str, index: int) -> str:
    """Key of image `index` (from 0), a PNG with infotext."""
    return f"{job_prefix(job_id)}outputs/{index}.png"


def thumbnail_key(job_id: str, index: int) -> str:
    """Key of the WebP thumbnail of image `index`, 256 px on the long side."""
    return f"{job_prefix(job_id)}outputs/{index}.webp"


def map_key(job_id: str, unit: int) -> str:
    """Key of the control map that ControlNet unit `unit` (from 0) used."""
    return f"{job_prefix(job_id)}maps/{unit}.png"


def pose_score_key(job_id: str) -> str:
    """Key under which the dashboard keeps how well a job's images follow their pose."""
    return job_prefix(job_id) + "pose_score.json"


def grid_key(grid_id: str) -> str:
    """Key of the requests of a grid's cells. Raises ValidationError for an id that is no ULID."""
    return f"{GRIDS}{_job_id.validate_python(grid_id)}.json"


def pose_key(pose_id: str) -> str:
    """Key of a team's pose. Raises ValidationError for an id that is no ULID."""
    return f"{POSES}{_job_id.validate_python(pose_id)}.json"


def wildcard_prefix(file_id: str) -> str:
    """The folder of a wildcard file's texts. Raises ValidationError for an id that is no ULID."""
    return f"{WILDCARDS}{_job_id.validate_python(file_id)}/"


def wildcard_key(file_id: str, text_id: str) -> str:
    """Key of a wildcard file's text, or of that of a former version."""
    return f"{wildcard_prefix(file_id)}{_job_id.validate_python(text_id)}.txt"


def form_prefix(owner_hash: str) -> str:
    """The folder of what one user's forms hold, by the hash of the user's name."""
    return f"{FORMS}{_sha256.validate_python(owner_hash)}/"


def form_key(owner_hash: str, sha256: str) -> str:
    """Key of a file that a user's form holds, by the hash of its bytes."""
    return form_prefix(owner_hash) + _sha256.validate_python(sha256)


def tag_list_key(sha256: str) -> str:
    """Key of a team's tag list as browsers read it, by the hash of its bytes."""
    return f"{TAG_LISTS}{_sha256.validate_python(sha256)}.txt.gz"


def probe_key(probe_id: str) -> str:
    """Key of what the set-up writes to try the bucket. Raises ValidationError for no ULID."""
    return f"{PROBES}{_job_id.validate_python(probe_id)}"
