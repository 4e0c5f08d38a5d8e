"""The app's own routes: an object's bytes, and how a job is doing.

Each needs a token that a page signed for the very person who asks, who must still be signed in and
may still see the job. Streamlit's login and its XSRF check don't cover these routes; the tokens are
good for one to two hours.
"""

from pathlib import PurePosixPath
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from core.aws.urls import BUCKET_FIELD, object_subject
from core.errors import AwsError, AwsNotFound, ContrappostoError
from core.jobs.records import Job, JobState
from core.studio.service import Studio
from core.team.users import User
from formats.generation.progress import Stage
from formats.keys import INPUTS, JOBS, MODEL_THUMBNAILS, job_of_key, job_of_preview, preview_key
from ui.jobs.list.waiting import waiting_text
from ui.routes.asking import person_of
from ui.state import on_aws, studio
from ui.texts import common as texts
from ui.texts import formatting

_CACHED: Final = "private, max-age=3600, immutable"
"""Every object that is shown is written once, but for the preview."""

_PRESIGNED_SECONDS: Final = 60
_REDIRECT_CACHED: Final = "private, max-age=45"
"""Shorter than what it leads to is good for."""

_IMAGE_TYPES: Final = {".png": "image/png", ".webp": "image/webp", ".jpg": "image/jpeg"}
"""By a key's ending: what an object says of itself could make it a page of this host."""

_MIN_SHARE: Final = 0.02
"""A bar that is not quite empty says that something is going on."""


def status_url(open_studio: Studio, user: User, job_id: str) -> str:
    """Where that user's browser asks how a job is doing; the same for an hour."""
    token = open_studio.tokens.fresh_token(_status_key(user.name, job_id))
    return f"/api/jobs/{token}/{job_id}"


def _status_key(user: str, job_id: str) -> str:
    return f"status/{user}/{job_id}"


def status_of(user: User, job: Job) -> dict[str, Any]:
    """What the live component shows."""
    preview = studio().tokens.url(user.name, preview_key(job.id), job.bucket)
    share = _share_of(job)
    return {
        "state": job.state,
        "open": job.state.is_open,
        "doing": formatting.state_and_progress(job, waiting_text(job, user.name)),
        "share": max(share, _MIN_SHARE if job.state is JobState.RUNNING else 0.0),
        "percent": formatting.percent(share) if share > _MIN_SHARE else "",
        "preview": f"{preview}&step={job.step}" if job.has_preview else "",
    }


def _share_of(job: Job) -> float:
    """How much of the steps is done; while files are downloaded, of their bytes."""
    if job.stage == Stage.FETCHING and job.bytes_total:
        return job.bytes_done / job.bytes_total
    return job.step / job.steps if job.steps else 0.0


def _status(request: Request) -> Response:
    token, job_id = request.path_params["token"], request.path_params["job_id"]
    user = person_of(request)
    if not studio().tokens.accepts(token, _status_key(user.name, job_id)):
        return JSONResponse({"message": texts.LINK_EXPIRED}, 403)
    try:
        job = studio().jobs.get(user, job_id)
    except AwsError as error:
        return JSONResponse({"message": str(error)}, 502)  # the job goes on
    except ContrappostoError as error:
        return JSONResponse({"message": str(error)}, 404)
    return JSONResponse(status_of(user, job), headers={"Cache-Control": "no-store"})


def image_type(key: str) -> str | None:
    """The media type of an image of a job, an input or a model's card; None for every other key."""
    if not key.startswith((JOBS, INPUTS, MODEL_THUMBNAILS)):
        return None
    return _IMAGE_TYPES.get(PurePosixPath(key).suffix)


def _file(request: Request) -> Response:
    token, key = request.path_params["token"], request.path_params["key"]
    bucket = request.query_params.get(BUCKET_FIELD, "")
    user = person_of(request)
    subject = object_subject(user.name, key, bucket)
    if image_type(key) is None or not studio().tokens.accepts(token, subject):
        return Response(texts.LINK_EXPIRED, 403)
    try:
        _require_job(user, key)
        return _answer(key, bucket)
    except AwsNotFound:
        return Response(texts.NO_SUCH_IMAGE, 404)
    except AwsError as error:
        return Response(str(error), 502)
    except ContrappostoError as error:
        return Response(str(error), 404)


def _require_job(user: User, key: str) -> None:
    """Raise NotFound or NotAllowed where the user may not see the job that the object is of now."""
    if job_id := job_of_key(key):
        studio().jobs.get(user, job_id)


def _answer(key: str, bucket: str) -> Response:
    """The bytes; on AWS, an address of S3 that is good for a minute."""
    storage, previewed = studio().storage.of_bucket(bucket), job_of_preview(key)
    headers = {"Cache-Control": "no-store" if previewed else _CACHED, "Vary": "Cookie"}
    if previewed and (preview := studio().jobs.preview(previewed)):
        return Response(preview, media_type=image_type(key), headers=headers)
    # A preview never by S3's address: it is written again and again, under one name.
    if on_aws() and not previewed:
        address = storage.presign(key, _PRESIGNED_SECONDS)
        return RedirectResponse(address, 302, headers | {"Cache-Control": _REDIRECT_CACHED})
    stream = storage.stream(key)
    return StreamingResponse(
        stream.chunks,
        media_type=image_type(key),
        headers={"Content-Length": str(stream.length), **headers},
    )


# The functions are not async on purpose: boto3 blocks, and Starlette gives each a thread.
routes: Final = (
    Route("/api/jobs/{token}/{job_id}", _status),
    Route("/api/files/{token}/{key:path}", _file),
)
