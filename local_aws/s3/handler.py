"""What werkzeug's request handler must keep for S3, whatever else it serves."""

import logging
from typing import TYPE_CHECKING, Any

from werkzeug.serving import WSGIRequestHandler

from local_aws.s3.http.request import HEADERS_KEY

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_log = logging.getLogger(__name__)


class S3RequestHandler(WSGIRequestHandler):
    """Speaks HTTP/1.1, keeps headers as they came and leaves queries out of the log.

    WSGI makes `-` and `_` one character and werkzeug drops names with `_`; a client may sign
    x-amz-meta-my_name. A query may hold the signature of a presigned URL.
    """

    protocol_version = "HTTP/1.1"

    def make_environ(self) -> "WSGIEnvironment":
        """Add the raw headers to the WSGI environment."""
        environ = super().make_environ()
        environ[HEADERS_KEY] = [(name.lower(), value) for name, value in self.headers.items()]
        return environ

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002
        """Log a request without its query."""
        path = self.path.partition("?")[0]
        _log.debug("event=request method=%s path=%s status=%s", self.command, path, code)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Pass on what werkzeug reports, errors mostly."""
        level = logging.ERROR if type == "error" else logging.INFO
        _log.log(level, message.rstrip(), *args)
