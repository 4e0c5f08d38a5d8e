"""Telling requests for S3 from those for the other services that share the port."""

from collections.abc import Mapping
from typing import Any

_V4_SCOPE = "/s3/aws4_request"


def is_s3_request(environ: Mapping[str, Any]) -> bool:
    """Whether a WSGI request is for S3.

    Signed requests say so in their credential scope (or are version 2 presigned, which only S3
    knows). Unsigned ones are S3's when they can be nobody else's: a browser's preflight or form
    upload, or a read of a path; S3 then answers AccessDenied if a signature was needed.
    """
    authorization: str = environ.get("HTTP_AUTHORIZATION", "")
    if authorization:
        return _V4_SCOPE in authorization or authorization.startswith("AWS ")
    query: str = environ.get("QUERY_STRING", "")
    if "X-Amz-Credential=" in query:
        return _V4_SCOPE in query.replace("%2F", "/").replace("%2f", "/")
    if "AWSAccessKeyId=" in query:
        return True
    method = environ["REQUEST_METHOD"]
    if method == "POST":
        return str(environ.get("CONTENT_TYPE", "")).startswith("multipart/form-data")
    return method in {"OPTIONS", "HEAD", "PUT", "DELETE"} or environ.get("PATH_INFO", "/") != "/"
