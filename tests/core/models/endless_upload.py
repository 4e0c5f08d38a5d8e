"""A process that begins an upload and then waits to be killed; its arguments come on stdin."""

import sys
from threading import Event
from unittest.mock import patch

from pydantic import SecretStr

from core.aws.client import Aws, Connection
from core.aws.storage import Storage
from core.models.uploads import plan
from core.models.uploads.plan import UploadProgress, check_file
from core.models.uploads.resumable_transfer import Uploader
from formats.models.kinds import ModelKind

PART_BYTES = 5 << 20
PARTS_BEFORE_THE_WAIT = 2


def report(progress: UploadProgress) -> None:
    """Say how many parts are in S3; after some, wait for the end."""
    print(progress.parts_done, flush=True)
    if progress.parts_done >= PARTS_BEFORE_THE_WAIT:
        Event().wait()


def main() -> None:
    """Read url, access key, secret key, bucket and path, a line each, and send the file."""
    url, key, secret, bucket, path = (line.strip() for line in sys.stdin)
    connection = Connection(
        url=url, access_key=key, secret_key=SecretStr(secret), region="us-east-1"
    )
    aws = Aws(connection)
    file = check_file(path, ModelKind.EMBEDDING)
    with patch.object(plan, "PART_BYTES", PART_BYTES):
        Uploader(aws, Storage(aws, bucket)).upload(file, "ann", report, Event())


if __name__ == "__main__":
    main()
