"""The route that ends a login of the load balancer: its cookies expire, and the provider's too.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
(authentication logout): whoever sends no `AWSELBAuthSessionCookie` has to sign in again.
"""

import html
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from core.settings import Identity
from ui.auth import alb
from ui.auth.page import SIGN_OUT_ROUTE
from ui.auth.visitor import user_of
from ui.routes.return_address import page_before
from ui.state import studio
from ui.texts import login

_COOKIES: Final = tuple(f"AWSELBAuthSessionCookie-{number}" for number in range(4))


def _sign_out(request: Request) -> Response:
    settings = studio().settings
    if settings.identity is not Identity.ALB:
        return RedirectResponse("/", 302)
    ended = alb.end_login(request.headers, settings)
    if ended.sign_in:
        studio().audit.sign_out(user_of(ended.sign_in))
    answer = (
        RedirectResponse(settings.sign_out_url, 302)
        if settings.sign_out_url
        else HTMLResponse(login.signed_out_page(html.escape(page_before(request) or "/")))
    )
    for name in _COOKIES:
        answer.delete_cookie(name, path="/", secure=request.url.scheme == "https", httponly=True)
    answer.headers["Cache-Control"] = "no-store"
    return answer


routes: Final = (Route(SIGN_OUT_ROUTE, _sign_out),)
