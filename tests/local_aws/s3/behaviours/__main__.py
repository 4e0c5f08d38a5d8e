"""What S3 does, as boto3 sees it: one table, run against every S3 server at hand.

By hand, for any server: `python -m tests.local_aws.s3.behaviours URL ACCESS_KEY SECRET_KEY`.
"""

import sys

from tests.local_aws.s3.behaviours import (
    access,
    browsers,
    buckets,
    checksums,
    conditions,
    copies,
    listings,
    multipart,
    objects,
)
from tests.local_aws.s3.table import BEHAVIOURS, FAILURES, connect, new_bucket

MODULES = (
    access,
    browsers,
    buckets,
    checksums,
    conditions,
    copies,
    listings,
    multipart,
    objects,
)
"""Importing them fills the table."""


def main(url: str, access_key: str, secret_key: str) -> None:
    client = connect(url, secret_key, access_key)
    failed = 0
    for name, check in BEHAVIOURS.items():
        try:
            check(client, new_bucket(client))
        except FAILURES as failure:
            failed += 1
            print(f"{name}: {type(failure).__name__} {str(failure)[:200]}")
    print(f"{len(BEHAVIOURS) - failed} of {len(BEHAVIOURS)} as S3 does")


if __name__ == "__main__":
    main(*sys.argv[1:])
