"""S3 on disk: HTTP in `http/`, the operations in `operations/`, the object store in `store/`."""

from local_aws.s3.app import S3App
from local_aws.s3.errors import S3Error
from local_aws.s3.http.request_handler import S3RequestHandler
from local_aws.s3.records import ObjectRecord
from local_aws.s3.routing import is_s3_request
from local_aws.s3.store.disk_reserve import DiskReserve, is_disk_full
from local_aws.s3.store.object_store import ObjectStore

__all__ = [
    "DiskReserve",
    "ObjectRecord",
    "ObjectStore",
    "S3App",
    "S3Error",
    "S3RequestHandler",
    "is_disk_full",
    "is_s3_request",
]
