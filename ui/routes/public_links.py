"""The routes of public links: one job's images for anybody who has the link, without a login.

They show what `core.jobs.public_links` finds and nothing else, always by bytes of this host: an
address of S3 would tell the bucket. Whatever shows nothing has the same answer.
"""

import base64
import hashlib
import html
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from core.errors import AwsError, NotFound
from core.jobs.public_links.service import PublishedJob
from core.team.rate_limit import RateLimit
from ui.routes.limits import PUBLIC, origin_of
from ui.state import studio
from ui.texts import common
from ui.texts.jobs import public_links as texts

log = logging.getLogger(__name__)

OPENINGS: Final = RateLimit(per_second=5, burst=120)
"""By network address: a few pages with all their images, and no trying of tokens."""

_STYLE: Final = (Path(__file__).parents[1] / "theme" / "public" / "page.css").read_text("utf-8")
_STYLE_HASH: Final = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY: Final = {
    "default-src": "'none'",
    "img-src": "'self'",
    "style-src": f"'sha256-{_STYLE_HASH}'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
_HEADERS: Final = {
    "Content-Security-Policy": "; ".join(" ".join(each) for each in _POLICY.items()),
    "Cache-Control": "no-store",  # a link that ends shows nothing more at once
    "X-Robots-Tag": ", ".join(("noindex", "nofollow", "noarchive", "noimageindex")),
    "Cross-Origin-Resource-Policy": "same-origin",
}

Answer = Callable[[Request], Response]


def _guarded(request: Request, answer: Answer) -> Response:
    """What `answer` gives, within the limit of how often; in strict headers whatever it is."""
    response = _limited(request) or _found(request, answer)
    response.headers.update(_HEADERS)
    return response


def _limited(request: Request) -> Response | None:
    wait = OPENINGS.seconds_to_wait(origin_of(request.scope))
    if not wait:
        return None
    said = _page(texts.TITLE, html.escape(common.too_many_requests(wait)))
    return HTMLResponse(said, 429, {"Retry-After": str(wait)})


def _found(request: Request, answer: Answer) -> Response:
    try:
        return answer(request)
    except NotFound as error:
        return HTMLResponse(_page(texts.TITLE, html.escape(str(error))), 404)
    except AwsError as error:
        log.warning("event=public_link_not_shown error=%s", error)
        return HTMLResponse(_page(texts.TITLE, html.escape(texts.NO_ANSWER)), 503)


def _job(request: Request) -> Response:
    token = request.path_params["token"]
    return HTMLResponse(_job_page(token, studio().public_links.open(token)))


def _image(request: Request) -> Response:
    token, index = request.path_params["token"], request.path_params["index"]
    data = studio().public_links.image(token, index)
    return Response(data, media_type="image/png")


def _job_page(token: str, shown: PublishedJob) -> str:
    job, link = shown.job, shown.link
    images = [f"{PUBLIC}{token}/{index}.png" for index in range(job.image_count)]
    body = texts.images(images, html.escape(shown.infotext), link.expires_at)
    return _page(texts.name_of(job.created_at, job.id), body)


def _page(title: str, body: str) -> str:
    """A whole page; both are HTML."""
    return texts.page(title, body, _STYLE)


# Not async on purpose: boto3 blocks, and Starlette gives each a thread.
routes: Final = (
    Route(f"{PUBLIC}{{token}}", partial(_guarded, answer=_job)),
    Route(f"{PUBLIC}{{token}}/{{index:int}}.png", partial(_guarded, answer=_image)),
)
