"""A team's studio upon the embedded AWS, and its things as the services keep them."""

import io
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from PIL import Image

from core.aws.client import Connection
from core.ids import created_at, new_id, utc_now
from core.jobs.preparing.draft import Draft
from core.jobs.records import Job, JobFilter, JobState
from core.settings import Identity, Settings
from core.studio.service import Studio, open_studio
from core.team.people import SignIn
from core.team.users import Role, User
from formats.generation.parameters import Mode
from formats.generation.request import GenerationRequest
from formats.keys import INPUTS, JOBS, MODELS, POSES, output_key, request_key, thumbnail_key

CHECKPOINT: Final = "tiny-noise-v1.safetensors"
ENDPOINT: Final = "shared"
TYPE: Final = "ml.m5.large"

OTHER: Final = User(name="idp/other", role=Role.ARTIST, title="other@example.com")
"""Whose things the others ask for."""
ADMIN: Final = User(name="idp/boss", role=Role.ADMIN)
BY_ROLE: Final = {role: User(name=f"idp/{role.value}", role=role) for role in Role}

_PREFIXES: Final = (INPUTS, JOBS, MODELS, POSES)


@contextmanager
def team_studio(connection: Connection, folder: Path, bucket: str) -> Iterator[Studio]:
    """People sign in, so that the table of permissions decides."""
    settings = Settings(
        demo=False,
        identity=Identity.OIDC,
        data=folder,
        bucket=bucket,
        upload_roots=str(folder),
        poll_seconds=0.1,
    )
    with open_studio(settings, connection) as opened:
        for who in (OTHER, ADMIN, *BY_ROLE.values()):
            opened.people.enter(SignIn(name=who.name, title=who.title))
        yield opened


def draft(**changes: Any) -> Draft:
    values: dict[str, Any] = {
        "endpoint": ENDPOINT,
        "checkpoints": (CHECKPOINT,),
        "prompt": "a secret",
        "width": 64,
        "height": 64,
        "steps": 2,
    }
    return Draft(**{**values, **changes})


def keep_job(studio: Studio, owner: str, **changes: Any) -> Job:
    """A job that succeeded, with what a container leaves of one."""
    job_id, now = new_id(), utc_now()
    request = GenerationRequest(
        id=job_id, owner=owner, checkpoint=CHECKPOINT, prompt="a secret", seed=1
    )
    values: dict[str, Any] = {
        "id": job_id,
        "owner": owner,
        "endpoint": ENDPOINT,
        "state": JobState.SUCCEEDED,
        "created_at": created_at(job_id),
        "updated_at": now,
        "sent_at": now - timedelta(seconds=2),
        "started_at": now - timedelta(seconds=1),
        "mode": Mode.TXT2IMG,
        "checkpoint": CHECKPOINT,
        "prompt": "a secret",
        "image_count": 1,
        "pose_score": 0.5,
    }
    job = Job(**{**values, **changes})
    body = request.model_dump_json().encode()
    studio.storage.write(request_key(job_id), body, "application/json")
    for key in (output_key(job_id, 0), thumbnail_key(job_id, 0)):
        studio.storage.write(key, png(), "image/png")
    assert studio._workers.store.add(job)
    return job


def png() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(buffer, "PNG")
    return buffer.getvalue()


def kept(studio: Studio, but: Collection[str] = ()) -> dict[str, object]:
    """What the team has: records of jobs, objects by ETag, endpoints; without jobs under way."""
    jobs = studio._workers.store.page(JobFilter(), 1000).jobs
    objects = (each for prefix in _PREFIXES for each in studio.storage.list(prefix))
    return {
        **{job.id: job for job in jobs if job.id not in but},
        **{each.key: each.etag for each in objects if not any(one in each.key for one in but)},
        "endpoints": {each.name for each in studio.endpoints.list(ADMIN, refresh=True)},
    }
