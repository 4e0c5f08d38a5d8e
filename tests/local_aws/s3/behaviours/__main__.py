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
    defaults,
    listings,
    multipart,
    objects,
)
from tests.local_aws.s3.table import BEHAVIOURS, connect, failure_of, new_bucket

MODULES = (
    access,
    browsers,
    buckets,
    checksums,
    conditions,
    copies,
    defaults,
    listings,
    multipart,
    objects,
)
"""Importing them fills the table."""


def main(url: str, access_key: str, secret_key: str) -> None:
    client = connect(url, secret_key, access_key)
    failed = 0
    for name in BEHAVIOURS:
        if failure := failure_of(name, client, new_bucket(client)):
            failed += 1
            print(f"{name}: {failure.strip().splitlines()[-1][:200]}")
    print(f"{len(BEHAVIOURS) - failed} of {len(BEHAVIOURS)} as S3 does")


if __name__ == "__main__":
    main(*sys.argv[1:])
