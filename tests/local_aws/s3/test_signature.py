"""Signatures against the examples that the Amazon S3 API reference works through."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest

from local_aws.s3 import S3Error
from local_aws.s3.http.aws_chunked import ChunkedBody
from local_aws.s3.http.request import S3Request, read_request
from local_aws.s3.http.signature import S3SignatureVerifier, VerifiedSignature, signing_key

ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
SIGNED_AT = datetime(2013, 5, 24, tzinfo=UTC).timestamp()
SCOPE = "20130524/us-east-1/s3/aws4_request"
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

GET_OBJECT = {
    "Authorization": f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{SCOPE},"
    "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
    "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    "Range": "bytes=0-9",
    "x-amz-content-sha256": EMPTY,
    "x-amz-date": "20130524T000000Z",
}
PRESIGNED = (
    f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={ACCESS_KEY}%2F"
    f"{SCOPE.replace('/', '%2F')}&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400"
    "&X-Amz-SignedHeaders=host"
    "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
)


def request(
    headers: dict[str, str] | None = None, query: str = "", path: str = "/test.txt"
) -> S3Request:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": path,
        "QUERY_STRING": query,
        "HTTP_HOST": "examplebucket.s3.amazonaws.com",
    }
    for name, value in (headers or {}).items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    return read_request(environ)


def verify(
    signed: S3Request, now: float = SIGNED_AT, access_key: str = ACCESS_KEY
) -> VerifiedSignature:
    return S3SignatureVerifier(access_key, SECRET_KEY, lambda: now).verify(signed)


def code_of(signed: S3Request, **how: Any) -> str:
    with pytest.raises(S3Error) as refused:
        verify(signed, **how)
    return refused.value.code


def test_the_documented_header() -> None:
    assert verify(request(GET_OBJECT)).region == "us-east-1"


def test_the_documented_presigned_url() -> None:
    assert verify(request(query=PRESIGNED), SIGNED_AT + 86_400).payload == "UNSIGNED-PAYLOAD"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Range": "bytes=0-10"}, "SignatureDoesNotMatch"),
        ({"x-amz-acl": "public-read"}, "AccessDenied"),
        ({"x-amz-date": "20130525T000000Z"}, "AuthorizationHeaderMalformed"),
        ({"Authorization": "AWS4-HMAC-SHA256 nonsense"}, "AuthorizationHeaderMalformed"),
        ({"Authorization": f"AWS {ACCESS_KEY}:abc="}, "InvalidRequest"),
        (
            {"Authorization": GET_OBJECT["Authorization"].replace("/s3/", "/sts/")},
            "AuthorizationHeaderMalformed",
        ),
    ],
)
def test_changed_headers_are_refused(change: dict[str, str], code: str) -> None:
    assert code_of(request(GET_OBJECT | change)) == code


@pytest.mark.parametrize("seconds", [-901, 901])
def test_a_clock_may_be_15_minutes_off(seconds: int) -> None:
    verify(request(GET_OBJECT), SIGNED_AT + seconds / abs(seconds) * 900)
    assert code_of(request(GET_OBJECT), now=SIGNED_AT + seconds) == "RequestTimeTooSkewed"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("Expires=86400", "Expires=86401", "SignatureDoesNotMatch"),
        ("Expires=86400", "Expires=0", "AuthorizationQueryParametersError"),
        ("Expires=86400", "Expires=604801", "AuthorizationQueryParametersError"),
        ("Expires=86400", "Expires=soon", "AuthorizationQueryParametersError"),
        ("404", "40é", "SignatureDoesNotMatch"),
        ("X-Amz-SignedHeaders=host&", "", "AuthorizationQueryParametersError"),
    ],
)
def test_changed_urls_are_refused(old: str, new: str, code: str) -> None:
    assert code_of(request(query=PRESIGNED.replace(old, new))) == code


def test_another_object_is_refused() -> None:
    assert code_of(request(query=PRESIGNED, path="/other.txt")) == "SignatureDoesNotMatch"


@pytest.mark.parametrize(("now", "message"), [(86_401, "has expired"), (-901, "not yet valid")])
def test_presigned_urls_have_their_time(now: int, message: str) -> None:
    with pytest.raises(S3Error, match=message):
        verify(request(query=PRESIGNED), SIGNED_AT + now)


def test_nobody_knows_another_key() -> None:
    assert code_of(request(GET_OBJECT), access_key="other") == "InvalidAccessKeyId"
    assert code_of(request()) == "AccessDenied"


# 66,560 bytes of "a" in chunks of 64 KiB, 1 KiB and nothing, as the reference signs them.
CHUNKS = (
    (65_536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
    (1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
    (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
)
STREAMED = VerifiedSignature(
    payload="STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    timestamp="20130524T000000Z",
    scope=SCOPE,
    signature="4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    key=signing_key(SECRET_KEY, SCOPE),
)


def encoded(filler: bytes = b"a", chunks: tuple[tuple[int, str], ...] = CHUNKS) -> bytes:
    parts = (
        b"%x;chunk-signature=%s\r\n%s\r\n" % (size, signature.encode(), filler * size)
        for size, signature in chunks
    )
    return b"".join(parts)


def test_the_documented_chunks() -> None:
    assert b"".join(ChunkedBody(io.BytesIO(encoded()), STREAMED)) == b"a" * 66_560


def test_changed_chunks_are_refused() -> None:
    with pytest.raises(S3Error, match="SignatureDoesNotMatch"):
        list(ChunkedBody(io.BytesIO(encoded(b"b")), STREAMED))


def test_a_left_out_chunk_is_refused() -> None:
    shortened = encoded(chunks=(CHUNKS[0], CHUNKS[2]))
    with pytest.raises(S3Error, match="SignatureDoesNotMatch"):
        list(ChunkedBody(io.BytesIO(shortened), STREAMED))


@pytest.mark.parametrize("cut", [10, 70_000])
def test_cut_off_chunks_are_refused(cut: int) -> None:
    with pytest.raises(S3Error):
        list(ChunkedBody(io.BytesIO(encoded()[:-cut]), STREAMED))


def test_trailers_follow_unsigned_chunks() -> None:
    source = io.BytesIO(b"3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n")
    chunked = ChunkedBody(source, VerifiedSignature(payload="STREAMING-UNSIGNED-PAYLOAD-TRAILER"))
    assert b"".join(chunked) == b"abc"
    assert chunked.trailers == {"x-amz-checksum-crc32": "NSRBwg=="}
