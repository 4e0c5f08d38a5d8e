"""The app's own routes: an object's bytes, and how a job is doing. Each needs a signed token.

Streamlit's login and its XSRF check don't cover them; the page mints the tokens, and they are
good for one to two hours.
"""

from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from core.aws.urls import BUCKET_FIELD, object_subject
from core.errors import AwsError, AwsNotFound, ContrappostoError
from core.jobs.records import Job, JobState
from core.studio import Studio
from core.team.users import User
from formats.keys import INPUTS, JOBS, job_of_preview, preview_key
from ui.endpoints.waking import waking_text
from ui.state import studio
from ui.texts import common as texts
from ui.texts import formatting

_CACHED: Final = "private, max-age=3600, immutable"
"""Every object that is shown is written once, but for the preview."""

_IMAGE_TYPES: Final = {".png": "image/png", ".webp": "image/webp", ".jpg": "image/jpeg"}
"""By a key's ending: what an object says of itself could make it a page of this host."""

_MIN_SHARE: Final = 0.02
"""A bar that is not quite empty says that something is going on."""


def status_url(open_studio: Studio, user: User, job_id: str) -> str:
    """Where a browser asks how a job is doing; the same for an hour."""
    token = open_studio.tokens.fresh_token(_status_key(user.name, job_id))
    return f"/api/jobs/{token}/{job_id}?user={quote(user.name, safe='')}"


def _status_key(user: str, job_id: str) -> str:
    return f"status/{user}/{job_id}"


def status_of(job: Job) -> dict[str, Any]:
    """What the live component shows."""
    # By the app's own route on AWS too: a preview is written again and again, under one name.
    preview = studio().tokens(preview_key(job.id), job.bucket)
    share = job.step / job.steps if job.steps else 0.0
    return {
        "state": job.state,
        "open": job.state.is_open,
        "doing": formatting.state_and_progress(job, waking_text(job)),
        "share": max(share, _MIN_SHARE if job.state is JobState.RUNNING else 0.0),
        "percent": formatting.percent(share) if share > _MIN_SHARE else "",
        "preview": f"{preview}&step={job.step}" if job.has_preview else "",
    }


def _status(request: Request) -> Response:
    token, job_id = request.path_params["token"], request.path_params["job_id"]
    name = request.query_params.get("user", "")
    if not studio().tokens.accepts(token, _status_key(name, job_id)):
        return JSONResponse({"message": texts.LINK_EXPIRED}, 403)
    try:
        job = studio().jobs.get(User(name=name), job_id)
    except AwsError as error:
        return JSONResponse({"message": str(error)}, 502)  # the job goes on
    except ContrappostoError as error:
        return JSONResponse({"message": str(error)}, 404)
    return JSONResponse(status_of(job), headers={"Cache-Control": "no-store"})


def image_type(key: str) -> str | None:
    """The media type of an image of a job or an input; None for every other key."""
    if not key.startswith((JOBS, INPUTS)):
        return None
    return _IMAGE_TYPES.get(PurePosixPath(key).suffix)


def _file(request: Request) -> Response:
    token, key = request.path_params["token"], request.path_params["key"]
    bucket = request.query_params.get(BUCKET_FIELD, "")
    media_type = image_type(key)
    if media_type is None or not studio().tokens.accepts(token, object_subject(key, bucket)):
        return Response(texts.LINK_EXPIRED, 403)
    job_id = job_of_preview(key)
    if job_id and (preview := studio().jobs.preview(job_id)):
        return Response(preview, media_type=media_type, headers=_headers(request))
    try:
        stream = studio().storage.of_bucket(bucket).stream(key)
    except AwsNotFound:
        return Response(texts.NO_SUCH_IMAGE, 404)
    except AwsError as error:
        return Response(str(error), 502)
    return StreamingResponse(
        stream.chunks,
        media_type=media_type,
        headers={"Content-Length": str(stream.length), **_headers(request)},
    )


def _headers(request: Request) -> dict[str, str]:
    return {
        "Cache-Control": "no-store" if "step" in request.query_params else _CACHED,
        "X-Content-Type-Options": "nosniff",
    }


# The functions are not async on purpose: boto3 blocks, and Starlette gives each a thread.
routes: Final = (
    Route("/api/jobs/{token}/{job_id}", _status),
    Route("/api/files/{token}/{key:path}", _file),
)
