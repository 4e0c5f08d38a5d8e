"""Parses the Range header: one range of bytes, counted from either end.

Source: RFC 9110 section 14. S3 serves a single range; a header it can't read, or one with
several ranges, is ignored and the whole object sent.
"""

import re
from typing import Final

from local_aws.s3.errors import S3Error

_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and count of the range, or None for the whole object of `size` bytes.

    Raises InvalidRange (416) when no byte of the object lies in it.
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size - 1
    else:
        start, end = int(first), min(int(last or size), size - 1)
        if last and int(last) < start:
            return None
    if start > end:
        raise _unsatisfiable(match[0], size)
    return start, end - start + 1


def _unsatisfiable(header: str, size: int) -> S3Error:
    return S3Error(
        "InvalidRange",
        headers={"Content-Range": f"bytes */{size}"},
        RangeRequested=header,
        ActualObjectSize=str(size),
    )


def part_range(number: int, part_sizes: tuple[int, ...], size: int) -> tuple[int, int]:
    """First byte and count of a part of an object. Raises InvalidPartNumber (416)."""
    sizes = part_sizes or (size,)
    if number > len(sizes):
        raise S3Error(
            "InvalidPartNumber", PartNumberRequested=str(number), ActualPartCount=str(len(sizes))
        )
    return sum(sizes[: number - 1]), sizes[number - 1]
